import { classOf, DIGIT, HEX_LETTER, OTHER } from './characters.ts'

/** Counts that tell a word from an identifier. */
export interface Word {
  end: number
  digits: number
  hexLetters: number
  capitals: number
  /** How often letters and digits take turns. */
  turns: number
}

/** The word that starts at `at`: letters and digits, up to the first character that is neither. */
export function readWord(text: string, at: number): Word {
  const word = { end: at, digits: 0, hexLetters: 0, capitals: 0, turns: 0 }
  let wasDigit: boolean | undefined
  for (; word.end < text.length; word.end++) {
    const code = text.charCodeAt(word.end)
    const kind = classOf(code)
    if (code >= 65 && code <= 90) word.capitals++
    if (kind === OTHER) break
    const isDigit = kind === DIGIT
    if (isDigit) word.digits++
    else if (kind === HEX_LETTER) word.hexLetters++
    if (wasDigit !== undefined && wasDigit !== isDigit) word.turns++
    wasDigit = isDigit
  }
  return word
}

/** A digest, a key, an abbreviated commit: seven or more hexadecimal digits of both kinds, six where they take turns. */
export function isHex(chars: number, word: Word): boolean {
  if (word.digits === 0 || word.hexLetters === 0 || word.digits + word.hexLetters !== chars) return false
  return chars >= 7 || (chars === 6 && word.digits >= 2 && word.turns >= 2)
}

/** Shorter words are words, however strange. */
const RANDOM_CHARS_MIN = 14
/** `OrderNotFoundError`: words that somebody wrote, whose capitals are as many as those of random characters. */
const CAMEL_CASE = /^[A-Z]?[a-z]+(?:[A-Z][a-z]+)*$/

/** Base64 and its like: long, and cases and digits take turns as in no word. */
export function isRandom(text: string): boolean {
  if (text.length < RANDOM_CHARS_MIN || CAMEL_CASE.test(text)) return false
  let turns = 0
  for (let at = 1; at < text.length; at++) if (kindOf(text, at) !== kindOf(text, at - 1)) turns++
  return turns * 3 >= text.length
}

function kindOf(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 58 ? 0 : code < 91 ? 1 : 2
}

/** `9s6XKzkNRiz8i3`, `user1234567`: made by a machine. `utf8`, `x86`, `base64Encode` and `E11000` are words. */
export function isIdentifier(chars: number, word: Word): boolean {
  // `SK441`, `X7K2QP`: capitals and digits, several of both.
  if (word.capitals + word.digits === chars && chars >= 5 && word.capitals >= 2 && word.digits >= 2) return true
  return word.digits >= 6 || (chars >= 10 && word.digits >= 3 && word.turns >= 3)
}
