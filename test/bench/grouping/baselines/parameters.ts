/** What stands for a varying part of a text, and the source of a pattern that finds it. */
export type Pattern = readonly [name: string, source: string]

const DAY = '(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat)'
const LONG_DAY = '(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat|Sunday|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday)'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const TIME = '\\d{2}:\\d{2}:\\d{2}'
const ZONE = '(?:[+-]\\d{2}[0-5]\\d|UT|GMT|[ECMP](?:ST|DT)|[A-IK-Z])'

/** In the order they are tried: of two that begin at the same place the first one wins. */
const DATE = [
  `${DAY},\\s\\d{1,2}\\s${MONTH}\\s\\d{2,4}\\s\\d{1,2}:\\d{1,2}(?::\\d{1,2})?\\s${ZONE}`,
  `(?:${DAY}\\s)?${MONTH}\\s[0-3]\\d,\\s\\d{2,4}`,
  `${LONG_DAY},\\s\\d{2}-${MONTH}-\\d{2}\\s${TIME}\\s${ZONE}`,
  `\\d{4}-\\d{2}-\\d{2}T${TIME}(?:\\.\\d+)?Z?(?:[+-]?\\d{2}:\\d{2})?`,
  `${DAY}\\s${MONTH}\\s\\d{2}\\s\\d{4}\\s${TIME}\\sGMT[+-]\\d{4}(?:\\s\\([^)]+\\))?`,
  '\\d{4}-?[01]\\d-?[0-3]\\d[\\sT][0-2]\\d:?[0-5]\\d(?::?[0-5]\\d(?:\\.\\d+)?)?(?:[+-][0-2]\\d:?[0-5]\\d|Z)?',
  '(?<!\\d)(?:[1-9]|1[0-2]):[0-5]\\d(?::[0-5]\\d)?(?![\\d:])(?:\\s?[aApP][Mm])?',
  '(?<!\\d)(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?(?![\\d:])',
  '\\d{4}-[01]\\d-[0-3]\\d',
  '[0-2]\\d:[0-5]\\d:[0-5]\\d',
  `\\b(?:${DAY}\\s+)?${MONTH}\\s+\\d{1,2}\\s+${TIME}\\s+\\d{4}`,
  'datetime\\.datetime\\(.*?\\)',
].join('|')

const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'
const V4 = `(?:${OCTET}\\.){3}${OCTET}`
const V6 = [
  '(?:[\\da-f]{1,4}:){7}[\\da-f]{1,4}',
  '(?:[\\da-f]{1,4}:){1,7}(?::[\\da-f]{1,4}){1,6}',
  '(?:[\\da-f]{1,4}:){1,7}:',
  ':(?::[\\da-f]{1,4}){1,7}',
  '::',
]
  .join('|')
  // Of all patterns only this one takes both cases.
  .replaceAll('a-f', 'a-fA-F')

/** The better known of the domains that end a host name; Sentry lists a hundred. */
const DOMAINS =
  'com|net|org|jp|de|uk|fr|br|it|ru|es|me|gov|pl|ca|au|cn|co|in|nl|edu|info|eu|ch|at|kr|cz|be|tv|se|tr|us|pt|dk|io|app|xyz|news|online|site|club|biz|pro|fm'

const UUID = '\\b[\\da-fA-F]{8}(?:-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}\\b'
const EMAIL = "[\\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z\\d-]+(?:\\.[a-zA-Z\\d-]+)*"
const GIT_SHA = '\\b(?=[a-f]*\\d)(?=\\d*[a-f])[\\da-f]{7}\\b'
const SWIFT_ID = '\\btx[\\da-f]{21}-[\\da-f]{10}\\S*'
const QUOTED = `(?<==)(?:'[^']+'|"[^"]+")`
const BOOL = '(?<==)(?:[Tt]rue|[Ff]alse)'

/** What Sentry takes for a varying part of a message (`src/sentry/grouping/parameterization.py` at 01a4552). */
export const SENTRY_PATTERNS: readonly Pattern[] = [
  ['email', EMAIL],
  ['url', '\\b(?:wss?|https?|ftp)://[^\\s/$.?#].\\S*'],
  ['hostname', `\\b(?:[a-zA-Z\\d-]{1,63}\\.)+?(?:${DOMAINS}|${DOMAINS.toUpperCase()})\\b`],
  ['ip', `(?<!\\w)(?:${V6})(?![\\da-zA-Z])|\\b${V4}\\b`],
  ['traceparent', '\\b00-[\\da-f]{32}-[\\da-f]{16}-0[01]\\b|\\b1-[\\da-f]{8}-[\\da-f]{24}\\b'],
  ['uuid', UUID],
  ['sha1', '\\b[\\da-fA-F]{40}\\b'],
  ['md5', '\\b[\\da-fA-F]{32}\\b'],
  ['date', DATE],
  ['duration', '\\b\\d+ms|\\b\\d+(?:\\.\\d+)?s\\b'],
  ['swift_txn_id', SWIFT_ID],
  ['hex', '\\b0[xX][\\da-fA-F]+\\b|\\b(?=[a-f]*\\d)[\\da-f]{8,128}\\b|\\b(?=[A-F]*\\d)[\\dA-F]{8,128}\\b'],
  ['git_sha', GIT_SHA],
  ['float', '(?:-|\\b)\\d+\\.\\d+\\b'],
  ['int', '(?:\\b|(?<!\\w)-)\\d{1,7}\\b'],
  ['quoted_str', QUOTED],
  ['bool', BOOL],
]

const BYTE = '[\\dA-Fa-f]{2}'
const MAC_ADDRESS = `\\b(?:(?:${BYTE}:){5}|(?:${BYTE}-){5}|(?:${BYTE}\\s){5})${BYTE}\\b|\\b(?:${BYTE}${BYTE}\\.){2}${BYTE}${BYTE}\\b`

/** What Rustrak takes for one (`message_normalization.rs` at 9295c1d): a later state of Sentry's, without host and IP. */
export const RUSTRAK_PATTERNS: readonly Pattern[] = [
  ['email', EMAIL],
  ['url', `[a-zA-Z][a-zA-Z\\d+.-]{0,32}://[^'"\`\\\\<>{}|^\\s$.?#](?:[^'"\`\\\\<>{}|^\\s]*[^'"\`\\\\<>{}|^\\s.,;])?`],
  ['uuid', UUID],
  ['sha1', '\\b[\\da-fA-F]{40}\\b'],
  ['md5', '\\b[\\da-fA-F]{32}\\b'],
  ['date', DATE],
  ['duration', '\\b\\d{1,20}ms\\b|\\b\\d{1,20}(?:\\.\\d{1,20})?s\\b'],
  ['mac_addr', MAC_ADDRESS],
  ['swift_txn_id', SWIFT_ID],
  [
    'hex',
    '\\b0[xX][\\da-fA-F]+\\b|(?:(?<![a-zA-Z\\d])|(?<!\\w)-)(?:(?=[a-f]*\\d)(?=\\d*[a-f])[\\da-f]{4,6}|(?=[A-F]*\\d)(?=\\d*[A-F])[\\dA-F]{4,6}|[\\da-f]{8,128}|[\\dA-F]{8,128})(?![a-zA-Z\\d])',
  ],
  ['git_sha', GIT_SHA],
  ['float', '(?:\\b(?<!\\d\\.)|-)\\d+\\.\\d+(?!\\.\\d)\\b'],
  ['int', '(?:(?<![a-zA-Z\\d])|(?<!\\w)-)\\d{1,7}(?![a-zA-Z\\d])'],
  ['quoted_str', QUOTED],
  ['bool', BOOL],
]

/** Replaces what the patterns find by their names in `<>`, in one pass. */
export function parameteriser(patterns: readonly Pattern[]): (text: string) => string {
  const any = new RegExp(patterns.map(([name, source]) => `(?<${name}>${source})`).join('|'), 'g')
  return (text) =>
    text.replace(any, (...found) => {
      const groups: Record<string, string | undefined> = found.at(-1)
      return `<${patterns.find(([name]) => groups[name] !== undefined)?.[0] ?? ''}>`
    })
}

const LINE_END = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/

/** Sentry's own way to shorten a message before it is grouped: two lines that are not blank, `...` where there was more. */
export function firstTwoLines(message: string): string {
  const lines = message.split(LINE_END).filter((line) => line.trim() !== '')
  const kept = lines.slice(0, 2).join('\n')
  return kept === message ? kept : `${kept}...`
}

export function firstLine(text: string): string {
  return text.split(LINE_END, 1)[0] ?? ''
}
