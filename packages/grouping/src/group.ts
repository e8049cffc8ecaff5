import type { Event } from '@rumen/protocol/event'
import { groupV1, type V1Part } from './v1/v1.ts'

/** Every rule set an event can be grouped by, oldest first; a project keeps the one it started with. */
export const MECHANISMS = ['v1'] as const
export type Mechanism = (typeof MECHANISMS)[number]

/** What decides within a mechanism: where it broke, or (Rustrak's and Bugsink's way) in which transaction. */
export const STRATEGIES = ['stack', 'transaction'] as const
export type Strategy = (typeof STRATEGIES)[number]

export interface Grouping {
  mechanism: Mechanism
  /** The part texts joined by ` ⋄ `, for people: at most 8 KiB of UTF-8, cut where it was longer. */
  key: string
  /** What the key is made of, in its order and under the same limit. */
  parts: readonly Part[]
  /** SHA-256 (32 bytes) of the key before it was cut; equal hashes are one issue. */
  hash: Buffer
}

export type Part = V1Part

const groupers: Record<Mechanism, (event: Event, strategy: Strategy) => Omit<Grouping, 'mechanism'>> = { v1: groupV1 }

/** Which issue of its project an event belongs to. Pure and total: it never throws (design, grouping). */
export function group(event: Event, options: { mechanism: Mechanism; strategy: Strategy }): Grouping {
  const { mechanism, strategy } = options
  return { mechanism, ...groupers[mechanism](event, strategy) }
}
