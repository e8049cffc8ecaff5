import { wordsOf } from './issue-named.ts'
import { unreadOf } from './ruminate-placement.ts'
import { unreadInWords } from './ruminate-preview-in-words.ts'
import type { Ruminated } from './ruminate-run.ts'

/** What was done, with issues as people call them. */
interface RuminationResult {
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

export function resultOf({ counts, regrouped, moved }: Ruminated): RuminationResult {
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

export function resultInWords(result: RuminationResult): string {
  const { events, moved, gone, beyond, unread, merges, splits, unmerges } = result
  return [
    `${events} events read, ${moved} moved.`,
    `${merges.length} issues merged, ${splits.length} begun, ${unmerges.length} by themselves again.`,
    ...(gone === 0 ? [] : [`${gone} events have no archive any more and stay where they are.`]),
    ...unreadInWords(unread),
    ...(beyond === 0 ? [] : [`There was no room to count ${beyond} events: run it again for them.`]),
  ].join('\n')
}
