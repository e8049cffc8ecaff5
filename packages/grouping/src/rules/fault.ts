import { findNearestName } from './nearest-name.ts'

/** Told each thing that is wrong with a line, in the order in which it stands there. */
export type Report = (message: string) => void

const SHOWN_CHARS_MAX = 60

/** A piece of the rules within a message: in quotes, on one line, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARS_MAX ? `${text.slice(0, SHOWN_CHARS_MAX)}…` : text)
}

/** What to say about a name that is none of `names`: which there are, and which one was likely meant. */
export function describeUnknown(kind: string, given: string, names: readonly string[]): string {
  const nearest = /^tags?\b/i.test(given)
    ? names.find((name) => name.startsWith('tags.'))
    : findNearestName(given, names)
  const hint = nearest ? ` (did you mean ${quote(nearest)}?)` : ''
  return `there is no ${kind} ${quote(given)}: ${names.join(', ')}${hint}`
}
