import { classOf, DIGIT, HEX_LETTER, OTHER } from './characters.ts'

/** Counts that tell a word from an identifier. */
export interface Word {
  end: number
  digits: number
  hexLetters: number
  /** How often letters and digits take turns. */
  turns: number
}

/** The word that starts at `at`: letters and digits, up to the first character that is neither. */
export function readWord(text: string, at: number): Word {
  const word = { end: at, digits: 0, hexLetters: 0, turns: 0 }
  let wasDigit: boolean | undefined
  for (; word.end < text.length; word.end++) {
    const kind = classOf(text.charCodeAt(word.end))
    if (kind === OTHER) break
    const isDigit = kind === DIGIT
    if (isDigit) word.digits++
    else if (kind === HEX_LETTER) word.hexLetters++
    if (wasDigit !== undefined && wasDigit !== isDigit) word.turns++
    wasDigit = isDigit
  }
  return word
}

/** A digest, a key, an abbreviated commit: seven or more hexadecimal digits of both kinds. */
export function isHex(chars: number, word: Word): boolean {
  return chars >= 7 && word.digits > 0 && word.hexLetters > 0 && word.digits + word.hexLetters === chars
}

/** `9s6XKzkNRiz8i3`, `user1234567`: made by a machine. `utf8`, `x86`, `base64Encode` and `E11000` are words. */
export function isIdentifier(chars: number, word: Word): boolean {
  return word.digits >= 6 || (chars >= 10 && word.digits >= 3 && word.turns >= 3)
}
