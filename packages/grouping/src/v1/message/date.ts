import { matchAt, type Value } from './value.ts'

// Every repetition is bounded and none lies inside another: an attempt costs a constant, wherever it fails.
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm])?`
const OFFSET = String.raw`[+-]\d{2}:?\d{2}`
const ZONE = `(?: ?(?:Z|UTC|GMT|[ECMP][SD]T|CES?T)(?:${OFFSET})?| ?${OFFSET})?`
const DAY = '(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)'
const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?|' +
  'Nov(?:ember)?|Dec(?:ember)?)'
const END = String.raw`(?![A-Za-z\d])`

const FIGURES = [
  new RegExp(String.raw`\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]${CLOCK}${ZONE})?${END}`, 'y'),
  new RegExp(String.raw`\d{1,2}[-/.]\d{1,2}[-/.]\d{4}(?:,? ${CLOCK}${ZONE})?${END}`, 'y'),
  new RegExp(String.raw`\d{8}T\d{4,6}Z?${END}`, 'y'),
  // Without seconds it could be a line and a column, whose digits vary in number.
  new RegExp(String.raw`\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?[AaPp][Mm])?${ZONE}${END}`, 'y'),
]
const WORDS = new RegExp(
  String.raw`(?:${DAY},? )?(?:\d{1,2}[ -]${MONTH}[ -]\d{2,4}|${MONTH} \d{1,2}(?:,? \d{4})?(?![\d:]))` +
    String.raw`(?:,? ${CLOCK})?${ZONE}(?: \d{4})?(?: \([A-Za-z ]{1,40}\))?${END}`,
  'y',
)

/** A date, a time of day, or both, that starts at `at`: RFC 3339, RFC 822, what JavaScript and C print, and kin. */
export function readDate(text: string, at: number, startsWithDigit: boolean): Value | null {
  if (startsWithDigit) {
    for (const figures of FIGURES) {
      const end = matchAt(figures, text, at)
      if (end !== -1) return { end, kind: 'date' }
    }
  }
  const end = matchAt(WORDS, text, at)
  return end === -1 ? null : { end, kind: 'date' }
}
