import type { Event, Exception } from '@rumen/protocol/event'
import { collapseGroups } from './exception-groups.ts'
import { familyOf } from './families.ts'
import { firstTwoLines, parameteriser, SENTRY_PATTERNS } from './parameters.ts'
import { resolveFingerprint } from './sentry-fingerprint.ts'
import { stackValues, type Variant } from './sentry-frame.ts'

const parameterise = parameteriser(SENTRY_PATTERNS)
const VARIANTS = ['app', 'system'] as const
const DEFAULT = /^\{\{\s*default\s*\}\}$/

/**
 * The hashes Sentry gives an event, an approximation: that of the application's frames first, then that of all frames;
 * what is hashed stands for the hash. An event belongs to the issue that owns any of them (`partitionByHashes`).
 *
 * Source: getsentry/sentry, `src/sentry/grouping/strategies/newstyle.py` as of 2025 (exceptions as type, value, stack),
 * `parameterization.py` at 01a4552, `fingerprinting/configs/javascript@2024-02-02`, and what `sentry-rules.ts` names.
 * Left out, since the normalised event has none of it: `raw_function`, whether a source map was applied, `ns_error`,
 * the platform of single frames, security reports and templates as such; and what is no rule: projects' own rules and
 * the similarity model that hosted Sentry asks afterwards.
 */
export function sentryHashes(event: Event): readonly string[] {
  const fingerprint = builtInFingerprint(event) ?? event.fingerprint
  const isOwn = fingerprint.length > 0 && fingerprint.some((part) => !DEFAULT.test(part))
  if (!isOwn) return computedHashes(event)
  const salt = (computed: string) =>
    fingerprint.map((part) => (DEFAULT.test(part) ? computed : resolveFingerprint(part, event))).join('\n')
  return fingerprint.some((part) => DEFAULT.test(part)) ? computedHashes(event).map(salt) : [salt('')]
}

function builtInFingerprint({ platform, exceptions }: Event): readonly string[] | null {
  if (familyOf(platform) !== 'javascript') return null
  const isChunk = ({ type, value }: Exception) => type === 'ChunkLoadError' || value?.startsWith('ChunkLoadError')
  return exceptions.some(isChunk) ? ['chunkloaderror'] : null
}

/** The first of these that has anything to say: exceptions, the stack of the thread, the message. */
function computedHashes(event: Event): readonly string[] {
  const { stacktrace, platform, message } = event
  const chain = hashesOf(exceptionVariants(event))
  if (chain.length > 0) return chain
  if (stacktrace !== null) {
    const variant = (name: Variant) => {
      const values = stackValues(stacktrace, platform, name)
      return { values, hasStack: values.length > 0 }
    }
    const hashes = hashesOf(VARIANTS.map(variant))
    if (hashes.length > 0) return hashes
  }
  const text = message?.template ?? message?.formatted ?? ''
  return [parameterise(firstTwoLines(text))]
}

interface VariantValues {
  values: readonly string[]
  hasStack: boolean
}

/** A variant without a stack says nothing once another one has a stack; one without anything never does. */
function hashesOf(variants: readonly VariantValues[]): readonly string[] {
  const withStack = variants.filter(({ hasStack }) => hasStack)
  const counting = withStack.length > 0 ? withStack : variants.filter(({ values }) => values.length > 0)
  return [...new Set(counting.map(({ values }) => values.join('\n')))]
}

function exceptionVariants(event: Event): readonly VariantValues[] {
  const variantsOf = (exception: Exception) =>
    VARIANTS.flatMap((name) => exceptionValues(exception, event.platform, name) ?? [])
  const kindOf = (exception: Exception) => JSON.stringify(variantsOf(exception))
  const orderOf = ({ type }: Exception) => type ?? 'None'
  // Sentry's own exception to its rule, for Python's SDK 3.
  const isFlat = event.platform === 'python' && event.sdk.version?.startsWith('3') === true
  const chain = isFlat ? event.exceptions : collapseGroups(event.exceptions, orderOf, kindOf)
  return VARIANTS.map((name) => {
    const parts = chain.flatMap((exception) => exceptionValues(exception, event.platform, name) ?? [])
    return { values: parts.flatMap(({ values }) => values), hasStack: parts.some(({ hasStack }) => hasStack) }
  })
}

/** Type, then the stack, or the value where no frame of the stack counts. One without a stack has no system variant. */
function exceptionValues(exception: Exception, platform: string, variant: Variant): VariantValues | null {
  const { type, value, mechanism, stacktrace } = exception
  if (stacktrace === null && variant === 'system') return null
  const stack = stacktrace === null ? [] : stackValues(stacktrace, platform, variant)
  const name = type === null || mechanism?.synthetic ? [] : [type]
  const text = stack.length > 0 || !value ? [] : [parameterise(firstTwoLines(value))]
  return { values: [...name, ...text, ...stack], hasStack: stack.length > 0 }
}
