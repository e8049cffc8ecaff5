import { describeUnknown, quote, type Report } from './fault.ts'
import type { LineReader } from './line-reader.ts'
import { MATCHER_NAMES, type Matcher, makeMatcher } from './matcher.ts'

const PATTERN_CHARS_MAX = 500
const MATCHERS_MAX = 20

/** What stands before the arrow; `null` without one, `isWhole` is false where some of it could not be read. */
export function readMatchers(reader: LineReader, report: Report): { matchers: Matcher[]; isWhole: boolean } | null {
  const matchers: Matcher[] = []
  let count = 0
  while (reader.toNextWord()) {
    if (reader.takeWord('->')) {
      if (count === 0) report('there is no matcher before "->"')
      if (count > MATCHERS_MAX) report(`there are ${count} matchers, at most ${MATCHERS_MAX} are allowed on a line`)
      return { matchers, isWhole: count > 0 && count === matchers.length }
    }
    const matcher = readMatcher(reader, report)
    if (matcher !== null) matchers.push(matcher)
    count++
  }
  if (!reader.isBroken) report('there is no "->", with a space on both sides, between matchers and actions')
  return null
}

function readMatcher(reader: LineReader, report: Report): Matcher | null {
  const isNegated = reader.take('!')
  const name = reader.takeBare(':')
  if (!reader.take(':')) {
    report(`${quote(`${isNegated ? '!' : ''}${name}`)} is no matcher: write NAME:PATTERN`)
    return null
  }
  const pattern = readPattern(reader, report)
  const matcher = makeMatcher(name, pattern ?? '', isNegated)
  if (matcher === null) report(describeUnknown('matcher', name, MATCHER_NAMES))
  if (pattern === null) return null
  if (pattern === '') report(`the pattern of ${quote(name)} is empty`)
  const chars = Array.from(pattern).length
  if (chars > PATTERN_CHARS_MAX) {
    report(`the pattern of ${quote(name)} has ${chars} characters, at most ${PATTERN_CHARS_MAX} are allowed`)
  }
  return pattern === '' || chars > PATTERN_CHARS_MAX ? null : matcher
}

function readPattern(reader: LineReader, report: Report): string | null {
  if (!reader.isAt('"')) {
    const bare = reader.takeBare('')
    if (!bare.includes('"')) return bare
    report(`a quote within ${quote(bare)}: put the whole pattern in quotes, and a quote in it as \\"`)
    return null
  }
  const quoted = reader.takeQuoted()
  if (quoted === null) report('a quote is not closed')
  if (quoted === null || reader.isAtWordEnd()) return quoted
  report(`${quote(reader.takeBare(''))} follows a closing quote: put the whole pattern in quotes`)
  return null
}
