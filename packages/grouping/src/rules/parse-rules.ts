import type { Report } from './fault.ts'
import { LineReader } from './line-reader.ts'
import type { Matcher, Subject } from './matcher.ts'
import { readActions } from './read-actions.ts'
import { readMatchers } from './read-matchers.ts'
import { RulesError, type RulesFault } from './rules-error.ts'

const RULES_BYTES_MAX = 65_536
const RULES_MAX = 500
const LINE_CHARS_MAX = 2000

/** A project's rules, ready for `applyRules`; what is inside is for this folder alone. */
export interface Rules {
  readonly rules: readonly Rule[]
}

/** One line; what it does not say is `null` or `false`. */
export interface Rule {
  readonly line: number
  readonly matchers: Readonly<Record<Subject, readonly Matcher[]>>
  readonly fingerprint: readonly string[] | null
  readonly title: string | null
  readonly inApp: boolean | null
  readonly isIgnored: boolean
}

/**
 * A project's rules as people write them: `matcher:pattern … -> action …` on each line, `#` before a remark. At most
 * 64 KiB of UTF-8. Throws RulesError with every fault of the text; of a text that is too long, with that one.
 */
export function parseRules(text: string): Rules {
  const bytes = Buffer.byteLength(text)
  if (bytes > RULES_BYTES_MAX) throw new RulesError([describeTooLong(text, bytes)])
  const faults: RulesFault[] = []
  const rules: Rule[] = []
  let count = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const report: Report = (message) => faults.push({ line: index + 1, message: `line ${index + 1}: ${message}` })
    const reader = new LineReader(line)
    const chars = line.length > LINE_CHARS_MAX ? Array.from(line).length : 0
    if (chars > LINE_CHARS_MAX) report(`there are ${chars} characters, at most ${LINE_CHARS_MAX} are allowed on a line`)
    if (!reader.toNextWord()) continue
    count++
    if (count === RULES_MAX + 1) report(`this is rule ${count}, at most ${RULES_MAX} are allowed`)
    const rule = chars > LINE_CHARS_MAX ? null : readRule(reader, index + 1, report)
    if (rule !== null) rules.push(rule)
  }
  if (faults.length > 0) throw new RulesError(faults)
  return { rules }
}

function describeTooLong(text: string, bytes: number): RulesFault {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(RULES_BYTES_MAX))
  const line = text.slice(0, read).split('\n').length
  return { line, message: `line ${line}: the rules have ${bytes} bytes, at most ${RULES_BYTES_MAX} are allowed` }
}

function readRule(reader: LineReader, line: number, report: Report): Rule | null {
  const before = readMatchers(reader, report)
  if (before === null) return null
  const { matchers, isWhole } = before
  const { frameActions, ...actions } = readActions(reader, report)
  const of = (subject: Subject) => matchers.filter((matcher) => matcher.subject === subject)
  const frame = of('frame')
  if (isWhole && frame.length === 0) {
    for (const name of frameActions) {
      report(`"${name}" needs a matcher of frames on its line: module, file, function or path`)
    }
  }
  return { line, matchers: { event: of('event'), exception: of('exception'), frame }, ...actions }
}
