/** Stands for whatever varied: what is a number in one event is a word or a hash in the next. */
export const MARK = '<*>'

/**
 * Joins texts between which values stood. What is part of a value goes with it: `ord_17`, `worker-5f2b9c-x2x7q`, `[::1]:80`
 * and lists of any length are one mark each. Every character is looked at a constant number of times.
 */
export function joinLiterals(literals: readonly string[]): string {
  let out = ''
  let isAfterMark = false
  for (const [index, literal] of literals.entries()) {
    const isLast = index === literals.length - 1
    const start = index === 0 ? 0 : endOfTail(literal)
    const end = isLast ? literal.length : startOfHead(literal, { start, next: literals[index + 1] ?? '' })
    const kept = literal.slice(start, end)
    // Between two values: nothing, or what only joins them.
    if (index > 0 && !isLast && isJoint(kept)) continue
    out += kept
    isAfterMark = !isLast
    if (isAfterMark) out += MARK
  }
  return out
}

/** Where a text goes on that stands behind a value: behind `-x2x7q` and the bracket of an address. */
function endOfTail(literal: string): number {
  let at = literal.startsWith(']:') ? 1 : 0
  for (;;) {
    if (!'-_'.includes(literal.charAt(at) || ' ')) return at
    let end = at + 1
    let hasDigit = false
    for (; isWord(literal.charCodeAt(end)); end++) if (isDigit(literal.charCodeAt(end))) hasDigit = true
    if (!hasDigit) return at
    at = end
  }
}

/** Where the name begins that leads on to a value, `ord_` or `worker-`; the end of the literal where none does. */
function startOfHead(literal: string, { start, next }: { start: number; next: string }): number {
  const { length } = literal
  if (literal.endsWith('[') && next.startsWith(']:')) return length - 1
  if (!'-_'.includes(literal.charAt(length - 1) || ' ')) return length
  let at = length - 1
  while (at > start && (isWord(literal.charCodeAt(at - 1)) || literal.charAt(at - 1) === '-')) at--
  return at
}

function isJoint(literal: string): boolean {
  return literal.length <= 2 && /^(?:[-_.:/=|]?|,? ?)$/.test(literal)
}

function isWord(code: number): boolean {
  return isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
