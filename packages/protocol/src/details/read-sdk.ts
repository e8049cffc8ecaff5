import type { NameVersion } from '../event.ts'
import { LIST_MAX, TEXT_LIMITS } from '../limits.ts'
import { isRecord, recordOf } from '../record.ts'
import { readName } from '../text.ts'

/** The SDK with what was switched on in it. */
export interface SdkDetails extends NameVersion {
  integrations: readonly string[]
  features: readonly string[]
  packages: readonly NameVersion[]
}

export function readSdk(value: unknown, sdk: NameVersion): SdkDetails {
  const sent = recordOf(value)
  const packages = Array.isArray(sent.packages) ? sent.packages.filter(isRecord).slice(0, LIST_MAX) : []
  return {
    ...sdk,
    integrations: namesOf(sent.integrations),
    features: namesOf(sent.features),
    packages: packages.map(({ name, version }) => ({
      name: readName(name, TEXT_LIMITS.contextText),
      version: readName(version, TEXT_LIMITS.contextText),
    })),
  }
}

function namesOf(value: unknown): readonly string[] {
  const names = Array.isArray(value) ? value.map((name) => readName(name, TEXT_LIMITS.contextText)) : []
  return names.filter((name) => name !== null).slice(0, LIST_MAX)
}
