import { classOf, HEX_LETTER, isDigitAt, isWordAt, LETTER, OTHER } from './characters.ts'
import { matchAt, type Value } from './value.ts'

/** In an IPv6 address; with four digits in between at most, they bound what is read. */
const COLONS_MAX = 7
const URL_END = /[\s"'`<>(){}|\\“”«»]/g
const LAST_LABEL = /\.[A-Za-z]{2,24}(?![A-Za-z\d])/y
const URL_TAIL = '.,:;!?]'

/** A URL whose scheme ends at `schemeEnd`, up to what cannot be part of it or only ends the sentence. */
export function readUrl(text: string, schemeEnd: number): Value | null {
  if (!text.startsWith('://', schemeEnd)) return null
  const start = schemeEnd + '://'.length
  URL_END.lastIndex = start
  let end = URL_END.exec(text)?.index ?? text.length
  const hasBracket = text.slice(start, end).includes('[')
  while (end > start && URL_TAIL.includes(text.charAt(end - 1)) && !(hasBracket && text.charAt(end - 1) === ']')) end--
  return end === start ? null : { end, kind: 'url' }
}

/** The end of what may be the local part of an address or a token: word characters and `_ . % + -`. */
export function skipRun(text: string, at: number): number {
  let end = at
  while (end < text.length && (isWordAt(text, end) || '_.%+-'.includes(text.charAt(end)))) end++
  return end
}

/** An e-mail address whose local part ends at `localEnd`; its last label is the last one that is all letters. */
export function readEmail(text: string, localEnd: number): Value | null {
  if (text.charAt(localEnd) !== '@' || !isWordAt(text, localEnd - 1)) return null
  let end = -1
  for (let cursor = localEnd + 1; isWordAt(text, cursor) || '.-'.includes(text.charAt(cursor) || ' '); cursor++) {
    if (text.charAt(cursor) !== '.') continue
    const label = matchAt(LAST_LABEL, text, cursor)
    if (label !== -1) end = label
  }
  return end === -1 ? null : { end, kind: 'email' }
}

/** A MAC or IPv6 address; `Cart::pay` is neither, for want of a digit, nor is a time of day. */
export function readColons(text: string, at: number): Value | null {
  let end = at
  let colons = 0
  let digits = 0
  let groupChars = 0
  let groupCharsMin = 4
  for (; colons <= COLONS_MAX; end++) {
    const kind = classOf(text.charCodeAt(end))
    if (kind === LETTER || (kind === OTHER && text.charAt(end) !== ':')) break
    if (kind === OTHER) {
      colons++
      groupCharsMin = Math.min(groupCharsMin, groupChars)
      groupChars = 0
    } else if (++groupChars > 4) return null
    else if (kind !== HEX_LETTER) digits++
  }
  if (digits === 0 || colons > COLONS_MAX || isWordAt(text, end)) return null
  const address = text.slice(at, end)
  if (colons === 5 && /^[\dA-Fa-f]{2}(?::[\dA-Fa-f]{2}){5}$/.test(address)) return { end, kind: 'mac' }
  const isShortened = address.includes('::') && !address.endsWith(':')
  const isFull = colons === 7 && groupCharsMin > 0 && isHexAt(text, end - 1)
  return isShortened || isFull ? { end, kind: 'ip' } : null
}

function isHexAt(text: string, at: number): boolean {
  return isDigitAt(text, at) || classOf(text.charCodeAt(at)) === HEX_LETTER
}
