import { wordsOf } from '../issue/named.ts'
import { unreadOf } from './placement.ts'
import { unreadInWords } from './preview-in-words.ts'
import type { Regrouped } from './regroup.ts'
import { sumOf, type Tally } from './tally.ts'

/** What became of issues, as people call them. */
export interface RegroupSummary {
  events: number
  moved: number
  gone: number
  beyond: number
  /** Counted of these issues, and not looked at. */
  unread: number
  merges: readonly { issue: string; into: string }[]
  /** Issues that have begun, and where most of their events come from. */
  splits: readonly { issue: string; from: string }[]
  unmerges: readonly { issue: string; from: string }[]
}

/** What was done. */
export interface RuminationResult extends RegroupSummary {
  rewritten: Tally
}

export const NOTHING_REGROUPED: RegroupSummary = {
  ...{ events: 0, moved: 0, gone: 0, beyond: 0, unread: 0 },
  ...{ merges: [], splits: [], unmerges: [] },
}

export function summaryOf({ counts, regrouped, moved }: Regrouped): RegroupSummary {
  const { events, gone, beyond } = counts
  const { placement, standing, changes, begun } = regrouped
  const nameOf = (id: number) => {
    const issue = standing.issues.get(id)
    return issue === undefined ? '' : wordsOf(issue)
  }
  const splits = changes.begins.flatMap(({ keyHash, mostlyOf }) => {
    const [made, from] = [begun.get(keyHash), standing.issues.get(mostlyOf)]
    return made === undefined || from === undefined ? [] : [{ number: made.number, from }]
  })
  return {
    ...{ events, moved, gone, beyond, unread: unreadOf(counts, standing) },
    merges: placement.merged.map(({ issueId, into }) => ({ issue: nameOf(issueId), into: nameOf(into) })),
    splits: splits
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, from }) => ({ issue: wordsOf({ slug: from.slug, number }), from: wordsOf(from) })),
    unmerges: placement.unmerged.map((id) => {
      return { issue: nameOf(id), from: nameOf(standing.issues.get(id)?.root ?? id) }
    }),
  }
}

/** Of two projects. */
export function addSummaries(one: RegroupSummary, other: RegroupSummary): RegroupSummary {
  return {
    events: one.events + other.events,
    moved: one.moved + other.moved,
    gone: one.gone + other.gone,
    beyond: one.beyond + other.beyond,
    unread: one.unread + other.unread,
    merges: [...one.merges, ...other.merges],
    splits: [...one.splits, ...other.splits],
    unmerges: [...one.unmerges, ...other.unmerges],
  }
}

export function resultInWords(result: RuminationResult): string {
  const { events, moved, gone, beyond, unread, merges, splits, unmerges, rewritten } = result
  return [
    `${events} events read, ${moved} moved.`,
    `${merges.length} issues merged, ${splits.length} begun, ${unmerges.length} by themselves again.`,
    ...(gone === 0 ? [] : [`${gone} events have no archive any more and stay where they are.`]),
    ...unreadInWords(unread),
    ...(beyond === 0 ? [] : [`There was no room to count ${beyond} events: run it again for them.`]),
    ...tallyInWords(rewritten),
  ].join('\n')
}

/** A line for each thing that there is to say. */
export function tallyInWords(tally: Tally): readonly string[] {
  const { archives, changed, added, removed, columns, cured, unreadable, waiting } = tally
  const byColumn = sumOf(columns) === 0 ? [] : [`By column: ${countsInWords(columns)}.`]
  return [
    `${archives} archives digested again.`,
    ...rowsInWords('changed', changed),
    ...byColumn,
    ...rowsInWords('added', added),
    ...rowsInWords('removed', removed),
    ...(cured === 0 ? [] : [`${cured} rejected items can be read now.`]),
    ...(waiting === 0 ? [] : [`${waiting} archives nobody has digested yet are left to the workers.`]),
    ...(unreadable === 0
      ? []
      : [`${unreadable} archives take too long, or kill who digests them, and stay as they are.`]),
  ]
}

function rowsInWords(verb: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return sumOf(counts) === 0 ? [] : [`Rows ${verb}: ${countsInWords(counts)}.`]
}

/** Most first. */
function countsInWords(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .toSorted(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')
}
