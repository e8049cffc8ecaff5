import { onOneLine } from '../on-one-line.ts'
import type { Explained } from './explain.ts'

/** Of a column, so that a line fits a wide screen; --json has all. */
const TEXT_CHARS_MAX = 60
const SOURCE_CHARS_MAX = 70
const KEY_CHARS_MAX = 500

type ExplainedEvent = Explained['events'][number]
type Component = ExplainedEvent['components'][number]

/** Each event with a line for each component of its key, used or left out, and what was rejected. */
export function explainedInWords({ events, rejected }: Explained): string {
  const blocks = events.map(eventInWords)
  const faults = rejected.map(({ item_index, item_type, code, message }) => {
    const place = item_index === null ? '' : ` ${item_index}`
    return onOneLine(`item${place} (${item_type}) is rejected: ${code}, ${message}`)
  })
  if (events.length === 0) blocks.push('There is no event in it.')
  if (faults.length > 0) blocks.push(faults.join('\n'))
  return blocks.join('\n\n')
}

function eventInWords(event: ExplainedEvent): string {
  const { title_rule: rule } = event
  const lines = [
    ['event', event.event_id],
    ['title', event.title, ...(rule === null ? [] : [`rule line ${rule}`])],
    ['culprit', event.culprit],
    ['grouped by', `${event.mechanism}, ${event.strategy}`],
    ['key', cut(event.key, KEY_CHARS_MAX)],
    ['hash', event.hash],
  ]
  const head = lines.map((line) => line.map(onOneLine).join('\t'))
  return [...head, '', ...componentsInWords(event.components)].join('\n')
}

/** In columns: what it is, how it stands in the key, what the event had, and why. */
function componentsInWords(components: readonly Component[]): string[] {
  const rows = components.map(({ kind, text, source, reason }) => [
    kind,
    text === null ? '–' : cut(text, TEXT_CHARS_MAX),
    `← ${cut(source, SOURCE_CHARS_MAX)}`,
    onOneLine(reason),
  ])
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => lengthOf(row[column] ?? ''))))
  return rows.map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  '))
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)))
}

function lengthOf(text: string): number {
  return Array.from(text).length
}

/** On one line, between code points, so that no half of a surrogate pair is left. */
function cut(text: string, charsMax: number): string {
  const chars = Array.from(onOneLine(text))
  return chars.length <= charsMax ? chars.join('') : `${chars.slice(0, charsMax - 1).join('')}…`
}
