import type { NameVersion } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'
import { recordOf } from './record.ts'
import { readName } from './text.ts'

/**
 * The SDK that made an event: its own `sdk`, else the envelope header's, else the `sentry_client` of the request
 * (`name/version` or `name version`). `null` when none says.
 */
export function normaliseSdk(value: unknown, header: NameVersion | null, client: string | null): NameVersion | null {
  const { name, version } = recordOf(value)
  const own = {
    name: readName(name, TEXT_LIMITS.contextText),
    version: readName(version, TEXT_LIMITS.contextText),
  }
  if (own.name !== null) return own
  return header ?? fromClient(client)
}

function fromClient(client: string | null): NameVersion | null {
  const text = readName(client, TEXT_LIMITS.client)
  if (text === null) return null
  const parts = /^(.+)[/ ](\S*)$/.exec(text)
  return { name: (parts?.[1] ?? text).trim(), version: readName(parts?.[2], TEXT_LIMITS.contextText) }
}
