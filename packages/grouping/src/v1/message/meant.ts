import { either, words } from '../pattern.ts'
import type { Scan, Span } from './scan.ts'
import type { Value } from './value.ts'

/** Words whose number says what went wrong, not for which record: `status 404`, `[Errno 13]`, `exit 137`. */
const CODES = new Set(words('errno status statuscode http signal exit'))
/** `code 5` alone may be anybody's code. */
const CODE_KINDS = new Set(words('status exit error return response http'))
const CODE = /^[-+]?\d{1,5}$/

/** Words whose quoted object is named in the code or the schema: `reading 'id'`, `column "total" does not exist`. */
const NAMED = new Set(
  words(`
    attribute field function method module object property reading setting component pickle
    column constraint relation table
  `),
)
/** With its quotes; longer than any name of a code or a schema. */
const QUOTED_CHARS_MAX = 130

/**
 * Whether a number or a quoted text belongs to the meaning of a message and so stays in the key. Without it all
 * `Request failed with status code …` and all `Cannot read properties of undefined (reading …)` would be one issue.
 */
export function isMeant(scan: Scan, { kind, start, end }: Value & { start: number }): boolean {
  const { text } = scan
  if (kind === 'quoted') {
    if (end - start > QUOTED_CHARS_MAX) return false
    return NAMED.has(wordBefore(text, scan.last, start)) || isCodeName(text.slice(start + 1, end - 1))
  }
  if (kind !== 'num' || !CODE.test(text.slice(start, end))) return false
  const before = wordBefore(text, scan.last, start)
  if (CODES.has(before)) return true
  return before === 'code' && CODE_KINDS.has(wordBefore(text, scan.lastButOne, scan.last.start))
}

/** A class of several words, an interface, with or without its package; a setting. */
const CODE_NAME = new RegExp(
  either([/^(?:[A-Za-z_$][a-zA-Z_$]*[.:\\/]{1,2})*[A-Z]{1,2}[a-z]+(?:[A-Z][a-z]*)+$/, /^[A-Z]{2,}(?:_[A-Z]+)+$/]),
)

/** `Shop.IOrderMailer`, `OrderMailer`, `SMTP_HOST`: somebody gave it to a class or a setting, and no user has it. */
function isCodeName(quoted: string): boolean {
  return CODE_NAME.test(quoted)
}

/** The word that stands right before `at`, in lower case; empty where something else does. */
function wordBefore(text: string, { start, end }: Span, at: number): string {
  const gap = at - end
  if (end === -1 || gap > 3 || end - start > 12 || !/^[ :=#(_-]*$/.test(text.slice(end, at))) return ''
  return text.slice(start, end).toLowerCase()
}
