import { isDigitAt, isWordAt } from './characters.ts'
import { matchAt, type Value } from './value.ts'

const EXPONENT = /[eE][+-]?\d{1,3}(?![A-Za-z\d])/y
/** Units written onto the number (`15ms`, `1h30m`, `2.5GiB`), and the longer ones that follow a space. */
const UNIT = /(?:[nuµm]?s|secs?|m|mins?|h|hrs?|d|[kKMGT]i?[bB]?|[bB]|bytes?|px|[kMG]?Hz|°?[CFK])(?![A-Za-z])/y
const SPACED_UNIT = / (?:[nuµm]?s|[hmd]|secs?|seconds?|mins?|minutes?|hours?|days?|[kKMGT]i?B|bytes?)(?![A-Za-z\d])/y
const IP = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/
const IP_CHARS_MAX = 15

/**
 * A number that starts at `at`: digits, groups joined by `.` or `,`, exponent, units. `null` where letters follow
 * that are no unit (`3rd`). Reads each character once; what it returns ends no earlier than the first group.
 */
export function readNumber(text: string, at: number): Value | null {
  let end = -1
  let cursor = at
  for (;;) {
    while (isDigitAt(text, cursor)) cursor++
    const unit = Math.max(matchAt(EXPONENT, text, cursor), matchAt(UNIT, text, cursor))
    if (unit !== -1) cursor = unit
    if (!isWordAt(text, cursor)) end = cursor
    const mark = text.charAt(cursor)
    if ((mark === '.' || mark === ',') && isDigitAt(text, cursor + 1)) cursor++
    else if (unit === -1 || !isDigitAt(text, cursor)) break
  }
  if (end === -1) return null
  if (end - at <= IP_CHARS_MAX && IP.test(text.slice(at, end))) return { end, kind: 'ip' }
  return { end: Math.max(end, matchAt(SPACED_UNIT, text, end)), kind: 'num' }
}
