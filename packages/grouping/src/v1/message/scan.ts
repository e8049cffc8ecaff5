import { isWordAt } from './characters.ts'

/** Part of a text; `end` is -1 where there is none. */
export interface Span {
  start: number
  end: number
}

/** What the scanner knows of the text behind it. */
export interface Scan {
  text: string
  /** Up to here no e-mail address and no token can begin any more. */
  runEnd: number
  /** Opening quotes and brackets that nothing closes. */
  unclosed: string
  /** The last two plain words: they tell what the value after them means. */
  last: Span
  lastButOne: Span
}

/** At the beginning of a text. */
export function startScan(text: string): Scan {
  return { text, runEnd: 0, unclosed: '', last: { start: 0, end: -1 }, lastButOne: { start: 0, end: -1 } }
}

/** Whether a word ends right before `at`; `>` ends a value that was replaced before, so it counts as what it stands for. */
export function isBehindWord(text: string, at: number): boolean {
  return isWordAt(text, at - 1) || text.charAt(at - 1) === '>'
}
