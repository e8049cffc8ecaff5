import { readColons, readEmail, readUrl, skipRun } from './address.ts'
import { readDate } from './date.ts'
import { readNumber } from './number.ts'
import type { Scan } from './scan.ts'
import { matchAt, type Value } from './value.ts'
import { isHex, isIdentifier, isRandom, readWord, type Word } from './word.ts'

const UUID = /[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}(?![A-Za-z\d])/y
const PREFIXED_HEX = /0[xX][\da-fA-F]+(?![A-Za-z\d])/y
/** Shorter ones are no tokens, whatever they begin with. */
const TOKEN_CHARS_MIN = 30

/** The value that the word at `at` begins, or is. */
export function readWordValue(scan: Scan, at: number, startsWithDigit: boolean): Value | null {
  const { text } = scan
  const run = readRun(scan, at)
  if (run !== null) return run
  const word = readWord(text, at)
  const chars = word.end - at
  if (!startsWithDigit && text.charAt(word.end) === ':') {
    const url = readUrl(text, word.end)
    if (url !== null) return url
  }
  const isAllHex = word.digits + word.hexLetters === chars
  if (isAllHex && chars === 8) {
    const end = matchAt(UUID, text, at)
    if (end !== -1) return { end, kind: 'uuid' }
  }
  if (isAllHex && chars <= 4 && text.charAt(word.end) === ':') {
    const address = readColons(text, at)
    if (address !== null) return address
  }
  if (startsWithDigit || isCapitalAt(text, at)) {
    const date = readDate(text, at, startsWithDigit)
    if (date !== null) return date
  }
  return readDigits(scan, at, { word, startsWithDigit })
}

/** An address or a token: it may hold several words, so it is looked for once, where the first of them begins. */
function readRun(scan: Scan, at: number): Value | null {
  if (at < scan.runEnd) return null
  const { text } = scan
  scan.runEnd = skipRun(text, at)
  // Base64 of `{"`, with which every JWT begins.
  if (scan.runEnd - at >= TOKEN_CHARS_MIN && text.startsWith('eyJ', at)) {
    const token = text.slice(at, scan.runEnd)
    if (token.split('.', 4).length >= 3) return { end: scan.runEnd, kind: 'jwt' }
  }
  return readEmail(text, scan.runEnd)
}

function isCapitalAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 65 && code <= 90
}

/** Numbers, hexadecimal digits, identifiers: what one word tells by its own characters. */
function readDigits(
  { text }: Scan,
  at: number,
  { word, startsWithDigit }: { word: Word; startsWithDigit: boolean },
): Value | null {
  const chars = word.end - at
  if (isRandom(text.slice(at, word.end))) return { end: skipPadding(text, word.end), kind: 'id' }
  if (word.digits === 0) return null
  if (isHex(chars, word)) return { end: word.end, kind: 'hex' }
  if (startsWithDigit) {
    const prefixed = matchAt(PREFIXED_HEX, text, at)
    if (prefixed !== -1) return { end: prefixed, kind: 'hex' }
    const number = readNumber(text, at)
    if (number !== null) return number
  }
  return isIdentifier(chars, word) ? { end: skipPadding(text, word.end), kind: 'id' } : null
}

/** Base64 fills up with `=`. */
function skipPadding(text: string, at: number): number {
  return text.startsWith('==', at) ? at + 2 : text.charAt(at) === '=' ? at + 1 : at
}
