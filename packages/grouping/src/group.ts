import type { Event } from '@rumen/protocol/event'
import type { GroupingConfig, Mechanism, Strategy } from './config.ts'
import { applyRules, type Ruled } from './rules/apply-rules.ts'
import { type Description, describe } from './title.ts'
import { groupV1, type V1Component, type V1Grouping, type V1Part } from './v1/v1.ts'

export type Part = V1Part
export type Component = V1Component

export interface Grouping {
  mechanism: Mechanism
  /** The part texts joined by ` ⋄ `, for people: at most 8 KiB of UTF-8, cut where it was longer. */
  key: string
  /** What the key is made of, in its order and under the same limit. */
  parts: readonly Part[]
  /** SHA-256 (32 bytes) of the key before it was cut; equal hashes are one issue. */
  hash: Buffer
}

export interface Grouped {
  /** As the project's rules see it: frames marked as its own, or taken out. */
  event: Event
  grouping: Grouping
  description: Description
}

/** A grouping with how it came about. */
export interface TracedGrouping extends Grouped {
  ruled: Ruled
  components: readonly Component[]
}

const groupers: Record<Mechanism, (event: Event, strategy: Strategy) => V1Grouping> = { v1: groupV1 }

/**
 * Which issue of its project an event belongs to, and how it is called there: first the project's rules, then the SDK's
 * fingerprint, then the mechanism (design, grouping). Pure and total: it never throws.
 */
export function group(event: Event, config: GroupingConfig): Grouped {
  const { event: seen, grouping, description } = traceGroup(event, config)
  return { event: seen, grouping, description }
}

/** The same, with everything that was looked at on the way. */
export function traceGroup(event: Event, { mechanism, strategy, rules }: GroupingConfig): TracedGrouping {
  const ruled = applyRules(rules, event)
  const seen = ruled.fingerprint === null ? ruled.event : { ...ruled.event, fingerprint: ruled.fingerprint.parts }
  const { components, ...grouping } = groupers[mechanism](seen, strategy)
  return {
    event: seen,
    grouping: { mechanism, ...grouping },
    description: describe(seen, ruled.title?.template ?? null),
    ruled,
    components,
  }
}
