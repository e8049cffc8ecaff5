import type { TextLimit } from './limits.ts'

const ELLIPSIS = '...'
const REPLACEMENT = '\ufffd'
/** Integers of an id may exceed what a double holds exactly; beyond 64 bits it is no id any more. */
const NUMBER_MAX = 2 ** 64

/**
 * Text as PostgreSQL can keep it: NUL and lone surrogates become U+FFFD (both do arrive, escaped in JSON), and what
 * exceeds the limit is cut on a code point with `...` at its end, as in Relay.
 */
export function cleanText(text: string, limit: TextLimit): string {
  const cut = cutText(text, limit)
  const whole = cut.isWellFormed() ? cut : cut.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', REPLACEMENT) : whole
}

/** A non-empty string, cleaned and cut; `null` for any other value. */
export function readText(value: unknown, limit: TextLimit): string | null {
  return typeof value === 'string' && value !== '' ? cleanText(value, limit) : null
}

/** `readText` without the white space around it; `null` when nothing is left. */
export function readName(value: unknown, limit: TextLimit): string | null {
  return typeof value === 'string' ? readText(value.trim(), limit) : null
}

/** Relay's LenientString: numbers lose their fraction, booleans are spelled as Python does. `null` for the rest. */
export function lenientText(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'number' || !(Math.abs(value) < NUMBER_MAX)) return null
  return BigInt(Math.trunc(value)).toString()
}

function cutText(text: string, { charsMax, allowance }: TextLimit): string {
  const kept = charsMax + allowance
  if (text.length <= kept) return text
  let units = 0
  let cutAt = 0
  for (let chars = 0; chars <= kept; chars++) {
    if (units >= text.length) return text
    if (chars === charsMax - ELLIPSIS.length) cutAt = units
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, cutAt) + ELLIPSIS
}
