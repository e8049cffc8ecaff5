import { withoutRustHash } from './rust-hash.ts'
import { UNNAMED } from './unnamed.ts'

/**
 * The nested name of an Itanium mangled symbol, which is all of it that a key needs: `_ZN4shop4Cart3payEv` is
 * `shop::Cart::pay`. `null` for what is spelled otherwise.
 */
export function readMangledName(symbol: string): string | null {
  let at = symbol.indexOf('Z') + 1
  if (symbol.charAt(at) !== 'N') return readSourceName(symbol, at)?.text ?? null
  at++
  // Qualifiers of a method: `const` and its like.
  while ('rVKRO'.includes(symbol.charAt(at) || '-')) at++
  const parts: string[] = []
  for (let part = readSourceName(symbol, at); part !== null; part = readSourceName(symbol, at)) {
    at = part.end
    parts.push(part.text.startsWith('_GLOBAL__N_') ? UNNAMED : part.text)
  }
  return parts.length === 0 ? null : withoutRustHash(parts.join('::'))
}

/** A name behind the number of its characters. */
function readSourceName(symbol: string, at: number): { text: string; end: number } | null {
  const [digits] = /^\d{1,3}/.exec(symbol.slice(at, at + 3)) ?? []
  if (digits === undefined) return null
  const start = at + digits.length
  const end = start + Number(digits)
  return end > symbol.length ? null : { text: symbol.slice(start, end), end }
}
