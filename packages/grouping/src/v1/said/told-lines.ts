import { firstLines } from '../lines.ts'

const LINES_MAX = 2

/** The first line of an exception's value, and the second where the first leads up to it (Elixir's ends its with `**`). */
export function tellingLine(text: string): string {
  const [first = '', second = ''] = firstLines(text, LINES_MAX)
  return first.endsWith(':') || second.startsWith('** ') ? `${first} ${second}` : first
}

/** Lines that only announce what comes below. */
const ANNOUNCEMENT = /^Traceback \(most recent call last\):?$|^Stack ?trace:?$|^Caused by:?$/i

/** The lines of a message that tell something, the first two; of a Python traceback its last, where the error stands. */
export function tellingLines(text: string): string {
  const lines = firstLines(text, LINES_MAX)
  const said = lines.filter((line) => !ANNOUNCEMENT.test(line))
  if (said.length === lines.length) return lines.join(' ')
  const last = firstLines(text, Number.POSITIVE_INFINITY).at(-1) ?? ''
  return [...said, last].join(' ')
}
