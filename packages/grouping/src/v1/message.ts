import { readColons, readEmail, readUrl, skipRun } from './address.ts'
import { classOf, DIGIT, isDigitAt, isWordAt, OTHER } from './characters.ts'
import { readDate } from './date.ts'
import { isMeant, type Span } from './meant.ts'
import { readNumber } from './number.ts'
import { matchAt, type Value } from './value.ts'
import { isHex, isIdentifier, readWord, type Word } from './word.ts'

/** Where the scanner is; spans of the last two plain words, for the text that follows them. */
interface Scan {
  text: string
  /** Up to here no e-mail address and no token can begin any more. */
  runEnd: number
  /** Quotes of which no closing one follows. */
  unclosed: string
  last: Span
  lastButOne: Span
}

const NO_SPAN: Span = { start: 0, end: -1 }

/**
 * A text with everything in it that varies from one occurrence to the next replaced by a name such as `<num>`.
 * One pass that never goes back: at each position it reads one value, or one word, and goes on behind it, so the
 * time is linear in the length whatever the text. Replacing twice changes nothing more.
 */
export function parameterise(raw: string): string {
  const text = raw.replace(/\s+/g, ' ')
  const scan: Scan = { text, runEnd: 0, unclosed: '', last: NO_SPAN, lastButOne: NO_SPAN }
  let out = ''
  let copied = 0
  let at = 0
  while (at < text.length) {
    const value = readValue(scan, at)
    if (value === null) {
      at = skipPlain(scan, at)
      continue
    }
    if (!isMeant(text, { ...value, start: at }, scan)) {
      out += `${text.slice(copied, at)}<${value.name}>`
      copied = value.end
    }
    at = value.end
  }
  return out + text.slice(copied)
}

/** The end of the plain text at `at`: a whole word, or one character that belongs to none. */
function skipPlain(scan: Scan, at: number): number {
  if (!isWordAt(scan.text, at)) return at + 1
  const { end, digits } = readWord(scan.text, at)
  // `v1.2.3`: the number is read on its own.
  if (/^[vV]\d/.test(scan.text.slice(at, at + 2)) && digits === end - at - 1) return at + 1
  scan.lastButOne = scan.last
  scan.last = { start: at, end }
  return end
}

function readValue(scan: Scan, at: number): Value | null {
  const { text } = scan
  const kind = classOf(text.charCodeAt(at))
  if (kind !== OTHER) return readWordValue(scan, at, kind === DIGIT)
  const character = text.charAt(at)
  if (QUOTES.has(character)) return readQuoted(scan, at)
  if (touchesWord(text, at - 1)) return null
  if ((character === '-' || character === '+') && isDigitAt(text, at + 1)) return readNumber(text, at + 1)
  return character === ':' && text.charAt(at + 1) === ':' ? readColons(text, at) : null
}

/** `>` ends a value that was replaced before, so it counts as what it stands for. */
function touchesWord(text: string, at: number): boolean {
  return isWordAt(text, at) || text.charAt(at) === '>'
}

const UUID = /[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}(?![A-Za-z\d])/y
const PREFIXED_HEX = /0[xX][\da-fA-F]+(?![A-Za-z\d])/y
const JWT_CHARS_MIN = 30

function readWordValue(scan: Scan, at: number, startsWithDigit: boolean): Value | null {
  const { text } = scan
  const run = readRun(scan, at)
  if (run !== null) return run
  const word = readWord(text, at)
  const chars = word.end - at
  if (word.digits === 0 && text.charAt(word.end) === ':') {
    const url = readUrl(text, word.end)
    if (url !== null) return url
  }
  const isAllHex = word.digits + word.hexLetters === chars
  if (isAllHex && chars === 8) {
    const end = matchAt(UUID, text, at)
    if (end !== -1) return { end, name: 'uuid' }
  }
  if (isAllHex && chars <= 4 && text.charAt(word.end) === ':') {
    const address = readColons(text, at)
    if (address !== null) return address
  }
  if (startsWithDigit || isCapital(text, at)) {
    const date = readDate(text, at, startsWithDigit)
    if (date !== null) return date
  }
  return readCode(text, at, word, startsWithDigit)
}

function isCapital(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 65 && code <= 90
}

/** Numbers, hexadecimal digits, identifiers: what one word tells by its own characters. */
function readCode(text: string, at: number, word: Word, startsWithDigit: boolean): Value | null {
  if (word.digits === 0) return null
  const chars = word.end - at
  if (isHex(chars, word)) return { end: word.end, name: 'hex' }
  if (startsWithDigit) {
    const prefixed = matchAt(PREFIXED_HEX, text, at)
    if (prefixed !== -1) return { end: prefixed, name: 'hex' }
    const number = readNumber(text, at)
    if (number !== null) return number
  }
  return isIdentifier(chars, word) ? { end: word.end, name: 'id' } : null
}

/** An address or a token: it may hold several words, so it is looked for once, where the first of them begins. */
function readRun(scan: Scan, at: number): Value | null {
  if (at < scan.runEnd) return null
  const { text } = scan
  scan.runEnd = skipRun(text, at)
  if (scan.runEnd - at >= JWT_CHARS_MIN && text.startsWith('eyJ', at)) {
    const token = text.slice(at, scan.runEnd)
    if (token.split('.', 4).length >= 3) return { end: scan.runEnd, name: 'jwt' }
  }
  return readEmail(text, scan.runEnd)
}

/** Each opening quote with what closes it; Ruby and old GNU tools write `` `name' ``. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ["'", "'"],
  ['"', '"'],
  ['`', "`'"],
  ['“', '”'],
  ['‘', '’'],
  ['«', '»'],
])

/** Quoted text; the quote of `can't` opens nothing, as it touches words on both sides. */
function readQuoted(scan: Scan, at: number): Value | null {
  const { text } = scan
  const open = text.charAt(at)
  if (scan.unclosed.includes(open) || touchesWord(text, at - 1)) return null
  const closing = QUOTES.get(open) ?? open
  for (let end = at + 1; end < text.length; end++) {
    if (!closing.includes(text.charAt(end)) || text.charAt(end - 1) === '\\') continue
    // `<` begins a value that was replaced before: a word, as in `touchesWord`.
    if (!isWordAt(text, end + 1) && text.charAt(end + 1) !== '<') return { end: end + 1, name: 'quoted' }
  }
  // None closes for the quotes behind this one either: the text is not searched again.
  scan.unclosed += open
  return null
}
