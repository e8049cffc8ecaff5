import type { Value } from './value.ts'

/** Part of a text; `end` is -1 where there is none. */
export interface Span {
  start: number
  end: number
}

/** Words whose number says what went wrong, not for which record: `status 404`, `[Errno 13]`, `exit 137`. */
const CODES = new Set(['errno', 'status', 'statuscode', 'http', 'signal', 'exit'])
/** `code 5` alone may be anybody's code. */
const CODE_KINDS = new Set(['status', 'exit', 'error', 'return', 'response', 'http'])
const CODE = /^[-+]?\d{1,5}$/

/** Words whose quoted object is named in the code or the schema: `reading 'id'`, `column "total" does not exist`. */
const NAMED = new Set(
  'attribute column constraint field function method module property reading relation setting table'.split(' '),
)
const QUOTED_CHARS_MAX = 130

/**
 * Whether a number or a quoted text belongs to the meaning of a message and so stays in the key. Without it all
 * `Request failed with status code …` and all `Cannot read properties of undefined (reading …)` would be one issue.
 */
export function isMeant(
  text: string,
  value: Value & { start: number },
  words: { last: Span; lastButOne: Span },
): boolean {
  if (value.name !== 'num' && value.name !== 'quoted') return false
  const before = wordBefore(text, words.last, value.start)
  if (before === '') return false
  if (value.name === 'quoted') return NAMED.has(before) && value.end - value.start <= QUOTED_CHARS_MAX
  if (!CODE.test(text.slice(value.start, value.end))) return false
  return (
    CODES.has(before) || (before === 'code' && CODE_KINDS.has(wordBefore(text, words.lastButOne, words.last.start)))
  )
}

/** The word that stands right before `at`, in lower case; empty where something else does. */
function wordBefore(text: string, { start, end }: Span, at: number): string {
  const gap = at - end
  if (end === -1 || gap > 3 || end - start > 12 || !/^[ :=#(_-]*$/.test(text.slice(end, at))) return ''
  return text.slice(start, end).toLowerCase()
}
