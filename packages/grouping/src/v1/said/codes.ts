import type { Exception } from '@rumen/protocol/event'
import type { V1Component } from '../component.ts'
import { CODE_PATTERNS, CONSTRAINTS } from './code-patterns.ts'

/** Of a text, as much as is searched; codes and names stand near its beginning. */
const CHARS_MAX = 4000
const CODES_MAX = 4

/** The codes of a text, each once, sorted: in which order they are told is a matter of words. */
export function readCodes(text: string): readonly string[] {
  const some = text.slice(0, CHARS_MAX)
  const codes = new Set<string>()
  for (const { name, expression } of CODE_PATTERNS) {
    // The first of a kind: what follows explains it, in words of the version.
    const found = expression.exec(some)?.[1]
    if (found !== undefined) codes.add(name + withoutTable(found))
  }
  return [...codes].sort().slice(0, CODES_MAX)
}

/** Whether a text names the constraint that was violated: what else it says is the database's, in its language. */
export function namesConstraint(text: string): boolean {
  const some = text.slice(0, CHARS_MAX)
  return CONSTRAINTS.some(({ expression }) => expression.test(some))
}

/** MySQL 8 writes `users.users_email_unique` where 5.7 wrote `users_email_unique`. */
function withoutTable(name: string): string {
  return /^[a-z_]\w*\.[a-z_]\w*$/i.test(name) ? name.slice(name.indexOf('.') + 1) : name
}

/** The codes of a chain: of each exception the one its SDK names, else those of its text. */
export function describeCodes(exceptions: readonly Exception[]): readonly V1Component[] {
  const codes = new Set(
    exceptions.flatMap(({ value, mechanism }) => (mechanism?.code != null ? [mechanism.code] : readCodes(value ?? ''))),
  )
  return [...codes].sort().map(codeComponent)
}

/** A code as it stands in a key. */
export function codeComponent(code: string): V1Component {
  return { kind: 'code', source: code, text: code, reason: 'a code of the failure' }
}
