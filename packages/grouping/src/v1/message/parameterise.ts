import { readColons } from './address.ts'
import { classOf, DIGIT, isDigitAt, isWordAt, OTHER } from './characters.ts'
import { isQuote, readObject, readQuoted } from './enclosed.ts'
import { joinLiterals } from './mark.ts'
import { isMeant } from './meant.ts'
import { readNumber } from './number.ts'
import { isBehindWord, type Scan, startScan } from './scan.ts'
import { readThing } from './thing.ts'
import type { Value } from './value.ts'
import { readWord } from './word.ts'
import { readWordValue } from './word-value.ts'

/**
 * A text with everything in it that varies from one occurrence to the next replaced by `<*>`.
 * One pass that never goes back: at each position it reads one value, or one word, and goes on behind it, so the
 * time is linear in the length whatever the text. Replacing twice changes nothing more, but where a brace is not closed.
 */
export function parameterise(raw: string): string {
  const text = raw.replace(/\s+/g, ' ')
  const scan = startScan(text)
  const literals: string[] = []
  let copied = 0
  let at = 0
  while (at < text.length) {
    const value = readValue(scan, at)
    if (value === null) {
      at = skipPlain(scan, at)
      continue
    }
    if (!isMeant(scan, { ...value, start: at })) {
      literals.push(text.slice(copied, at))
      copied = value.end
    }
    at = value.end
  }
  literals.push(text.slice(copied))
  return joinLiterals(literals)
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

/** The value that starts at `at`, as its first character tells. */
function readValue(scan: Scan, at: number): Value | null {
  const { text } = scan
  const kind = classOf(text.charCodeAt(at))
  if (kind !== OTHER) return readWordValue(scan, at, kind === DIGIT)
  const character = text.charAt(at)
  if (isQuote(character)) return readQuoted(scan, at)
  if (character === '{') return readObject(scan, at)
  if (character === '#' || character === '/') return readThing(text, at)
  if (isBehindWord(text, at)) return null
  if ((character === '-' || character === '+') && isDigitAt(text, at + 1)) return readNumber(text, at + 1)
  return character === ':' && text.charAt(at + 1) === ':' ? readColons(text, at) : null
}
