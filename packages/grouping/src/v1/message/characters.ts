/** Classes of UTF-16 units for the message scanner. */
export const OTHER = 0
export const DIGIT = 1
export const HEX_LETTER = 2
export const LETTER = 3

const ascii = new Uint8Array(128)
for (let code = 0; code < ascii.length; code++) {
  const character = String.fromCharCode(code)
  if (/[0-9]/.test(character)) ascii[code] = DIGIT
  else if (/[a-fA-F]/.test(character)) ascii[code] = HEX_LETTER
  else if (/[a-zA-Z]/.test(character)) ascii[code] = LETTER
}

/** `NaN`, which `charCodeAt` answers behind the end, is no part of a word. */
export function classOf(code: number): number {
  if (code < 128) return ascii[code] ?? OTHER
  if (Number.isNaN(code)) return OTHER
  // Spaces, dashes and quotes beyond ASCII end a word too; everything else there is taken for a letter.
  const isPunctuation =
    code < 0xc0 ? code !== 0xb5 : (code >= 0x2000 && code < 0x2070) || (code >= 0x3000 && code < 0x3040)
  return isPunctuation ? OTHER : LETTER
}

export function isWordAt(text: string, at: number): boolean {
  return classOf(text.charCodeAt(at)) !== OTHER
}

export function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}
