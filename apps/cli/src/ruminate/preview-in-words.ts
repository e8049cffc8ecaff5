import { onOneLine } from '../on-one-line.ts'
import type { Preview } from './preview.ts'

/** Of each list, as many as fit some screens; --json has all. */
const LISTED_MAX = 50
const PARTS_MAX = 10
const CHARS_MAX = 120

/** A preview for people: totals, then what merges, splits and gets another title, most events first. */
export function previewInWords(preview: Preview): string {
  const { merges, splits, unmerges, titles } = preview
  return [
    ...totalsOf(preview),
    ...listOf(merges, (one) => [
      `merge\t${one.issue}\t${eventsOf(one.events)}\t${cut(one.title)}`,
      `\tinto ${one.into}\t${eventsOf(one.into_events)}\tkey ${cut(one.key)}`,
    ]),
    ...listOf(splits, (one) => [
      `split\t${one.issue}\t${eventsOf(one.events)}\t${cut(one.title)}`,
      ...one.parts
        .slice(0, PARTS_MAX)
        .map(({ issue, events, title, key }) =>
          [`\t${issue ?? 'new'}`, eventsOf(events), cut(title), `key ${cut(key)}`].join('\t'),
        ),
      ...(one.parts.length > PARTS_MAX ? [`\t${one.parts.length - PARTS_MAX} more parts`] : []),
    ]),
    ...listOf(unmerges, (one) => [
      `unmerge\t${one.issue}\t${eventsOf(one.events)}\t${cut(one.title)}`,
      `\tfrom ${one.from}`,
    ]),
    ...listOf(titles, (one) => [
      `title\t${one.issue}\t${eventsOf(one.events)}\t${cut(one.title)}`,
      `\tis called\t${cut(one.new_title)}`,
    ]),
  ].join('\n')
}

function totalsOf({ events, gone, beyond, unread, keys, issues }: Preview): string[] {
  return [
    `${eventsOf(events)} read${gone === 0 ? '' : `, ${gone} of them without an archive: they stay where they are`}.`,
    ...(beyond === 0 ? [] : [`There was no room to count ${beyond} of them: too many different keys.`]),
    ...unreadInWords(unread),
    `${keys.known + keys.novel} keys, ${keys.novel} of them new.`,
    `${issues.merged} issues merge, ${issues.split} split, ${issues.unmerged} are by themselves again, ` +
      `${issues.unchanged} stay as they are.`,
  ]
}

/** Nothing, if every event was looked at. */
export function unreadInWords(unread: number): readonly string[] {
  if (unread === 0) return []
  return [`${eventsOf(unread)} of these issues were not looked at: they stay where they are.`]
}

function listOf<One>(list: readonly One[], linesOf: (one: One) => readonly string[]): string[] {
  const lines = list.slice(0, LISTED_MAX).flatMap(linesOf)
  return list.length > LISTED_MAX ? [...lines, `${list.length - LISTED_MAX} more: --json has them`] : lines
}

function eventsOf(count: number): string {
  return count === 1 ? '1 event' : `${count} events`
}

/** Between code points, so that no half of a surrogate pair is left. */
function cut(text: string): string {
  const chars = Array.from(onOneLine(text))
  return chars.length <= CHARS_MAX ? chars.join('') : `${chars.slice(0, CHARS_MAX - 1).join('')}…`
}
