import type { Strategy } from '@rumen/grouping/config'
import { group } from '@rumen/grouping/group'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import type { Event } from '@rumen/protocol/event'
import { groupLikeBugsink } from './baselines/bugsink.ts'
import { groupLikeCrashCache } from './baselines/crash-cache.ts'
import { groupLikeGlitchtip } from './baselines/glitchtip.ts'
import { groupLikeRustrak } from './baselines/rustrak.ts'
import { sentryHashes } from './baselines/sentry.ts'

const NO_RULES = parseRules('')

/** A way to group events. */
export interface Method {
  /** Ours has to beat the others. */
  isOurs: boolean
  /** What the event is found by, best first; none: it is an issue of its own. */
  hashesOf: (event: Event) => readonly string[]
  /** The same for people. */
  keyOf: (event: Event) => string
}

export const METHODS = {
  stack: ours('stack'),
  transaction: ours('transaction'),
  sentry: { isOurs: false, hashesOf: sentryHashes, keyOf: (event) => sentryHashes(event)[0] ?? '' },
  rustrak: byKey(groupLikeRustrak),
  bugsink: byKey(groupLikeBugsink),
  glitchtip: byKey(groupLikeGlitchtip),
  'crash-cache': byKey(groupLikeCrashCache),
} as const satisfies Record<string, Method>

export type MethodName = keyof typeof METHODS

export function isMethodName(name: string): name is MethodName {
  return Object.hasOwn(METHODS, name)
}

export const METHOD_NAMES: readonly MethodName[] = Object.keys(METHODS).filter(isMethodName)

function ours(strategy: Strategy): Method {
  const grouped = (event: Event) => group(event, { mechanism: 'v1', strategy, rules: NO_RULES }).grouping
  return {
    isOurs: true,
    hashesOf: (event) => [grouped(event).hash.toString('hex')],
    keyOf: (event) => grouped(event).key,
  }
}

/** Null is an event that belongs to no issue. */
function byKey(keyOf: (event: Event) => string | null): Method {
  return {
    isOurs: false,
    hashesOf: (event) => {
      const key = keyOf(event)
      return key === null ? [] : [key]
    },
    keyOf: (event) => keyOf(event) ?? '',
  }
}
