import type { Db } from '@rumen/db/connect'
import type { Day } from '@rumen/db/partition/day'
import type { DescribedKey } from '@rumen/db/regroup/pointer-changes'
import type { Regrouped } from '@rumen/grouping/plan-regroup'
import { describe } from '@rumen/grouping/title'
import { type FormerRules, formerTitlesOf } from './former-titles.ts'
import { type Rereading, type RereadReport, rereadDay } from './reread-reports.ts'

/** What other rules would make of stored events, before anybody has looked at issues. */
export interface RegroupCounts {
  /** By the grouping they have and the key they would get. */
  regrouped: readonly Regrouped[]
  /** By the hash of their key, after the newest event of each. */
  described: ReadonlyMap<string, DescribedKey>
  /** All reports of the days. */
  events: number
  /** Those whose archives are gone, or say nothing of them any more. */
  gone: number
  /** Those there was no room to count: of groupings and keys met after a hundred thousand others. */
  beyond: number
}

/** How far the reading has come. */
export interface Progress {
  day: Day
  /** Of all days that are read. */
  dayNumber: number
  days: number
  events: number
}

/** Pairs of a grouping and a key. */
const PAIRS_MAX = 100_000
/** Of readable keys and what they are made of, some 100 MB at worst; a usual key has two hundred. */
const CHARS_MAX = 50_000_000
/** Of one key. */
const FORMER_TITLES_MAX = 100

/** Groups the stored events of some days anew, in memory, and counts them. Changes nothing. */
export async function countRegrouped(
  db: Db,
  { days, former, ...rereading }: Rereading & { days: readonly Day[]; former: FormerRules },
  onProgress: (progress: Progress) => void = () => undefined,
): Promise<RegroupCounts> {
  const counter = createCounter(former)
  for (const [at, day] of days.entries()) {
    for await (const page of rereadDay(db, { ...rereading, day })) {
      for (const one of page) counter.add(one)
      onProgress({ day, dayNumber: at + 1, days: days.length, events: counter.sums().events })
    }
  }
  return counter.sums()
}

function createCounter(former: FormerRules) {
  const pairs = new Map<string, { groupingId: number; keyHash: string; events: number }>()
  const described = new Map<string, DescribedKey & { formerTitles: Set<string> }>()
  const totals = { events: 0, gone: 0, beyond: 0 }
  let chars = 0

  /** Whether there is room for what is new of it. */
  function make(groupingId: number, key: DescribedKey): boolean {
    if (pairs.size === PAIRS_MAX) return false
    if (!described.has(key.keyHash)) {
      if (chars > CHARS_MAX) return false
      chars += 2 * key.key.length
    }
    pairs.set(`${groupingId} ${key.keyHash}`, { groupingId, keyHash: key.keyHash, events: 0 })
    return true
  }

  return {
    add({ report, item }: RereadReport): void {
      totals.events++
      if (item === null) {
        totals.gone++
        return
      }
      const key = describedKey({ report, item })
      const address = `${report.groupingId} ${key.keyHash}`
      if (!pairs.has(address) && !make(report.groupingId, key)) {
        totals.beyond++
        return
      }
      const pair = pairs.get(address)
      if (pair) pair.events++
      const known = described.get(key.keyHash)
      const formerTitles = known?.formerTitles ?? new Set()
      for (const title of formerTitlesOf(item.event, former)) {
        if (formerTitles.has(title) || formerTitles.size >= FORMER_TITLES_MAX || chars > CHARS_MAX) continue
        formerTitles.add(title)
        chars += title.length
      }
      const newer = known === undefined || isNewer(key, known) ? key : known
      described.set(key.keyHash, { ...newer, formerTitles })
    },
    sums: (): RegroupCounts => ({ regrouped: [...pairs.values()], described, ...totals }),
  }
}

/** Of two of one moment whichever is called later in the alphabet: the same one in whatever order they come. */
function isNewer(a: DescribedKey, b: DescribedKey): boolean {
  const later = a.seenAt.getTime() - b.seenAt.getTime()
  return later > 0 || (later === 0 && a.title > b.title)
}

function describedKey({
  report,
  item,
}: {
  report: RereadReport['report']
  item: NonNullable<RereadReport['item']>
}): DescribedKey {
  const { grouping, description, event } = item
  return {
    keyHash: grouping.hash.toString('hex'),
    mechanism: grouping.mechanism,
    key: grouping.key,
    parts: grouping.parts,
    ...description,
    level: report.level,
    seenAt: report.occurredAt,
    // What no rule has given is what the event is called by itself.
    ruleTitle: description.title === describe(event).title ? null : description.title,
    formerTitles: new Set(),
  }
}
