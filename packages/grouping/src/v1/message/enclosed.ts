import { isWordAt } from './characters.ts'
import { isBehindWord, type Scan } from './scan.ts'
import type { Value } from './value.ts'

/** Each opening quote with what closes it; Ruby and old GNU tools write `` `name' ``. */
const QUOTES: ReadonlyMap<string, string> = new Map([
  ["'", "'"],
  ['"', '"'],
  ['`', "`'"],
  ['“', '”'],
  ['‘', '’'],
  ['«', '»'],
])

/** Whether a character may open a quotation. */
export function isQuote(character: string): boolean {
  return QUOTES.has(character)
}

/** Quoted text; the quote of `can't` opens nothing, as it touches words on both sides. */
export function readQuoted(scan: Scan, at: number): Value | null {
  const { text } = scan
  const open = text.charAt(at)
  if (scan.unclosed.includes(open) || isBehindWord(text, at)) return null
  const closing = QUOTES.get(open) ?? open
  for (let end = at + 1; end < text.length; end++) {
    if (!closing.includes(text.charAt(end)) || text.charAt(end - 1) === '\\') continue
    // `<` begins a value that was replaced before: a word, as in `isBehindWord`.
    if (!isWordAt(text, end + 1) && text.charAt(end + 1) !== '<') return { end: end + 1, kind: 'quoted' }
  }
  // None closes for the quotes behind this one either: the text is not searched again.
  scan.unclosed += open
  return null
}

/** An object in JSON: whatever its keys are, another event has others. */
export function readObject(scan: Scan, at: number): Value | null {
  const { text } = scan
  if (scan.unclosed.includes('{') || !/^\{\s?["']/.test(text.slice(at, at + 3))) return null
  let depth = 0
  for (let end = at; end < text.length; end++) {
    const character = text.charAt(end)
    if (character === '{') depth++
    else if (character === '}' && --depth === 0) return { end: end + 1, kind: 'object' }
  }
  scan.unclosed += '{'
  return null
}
