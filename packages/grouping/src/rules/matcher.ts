import { fold } from './fold.ts'
import { compileGlob, type Glob } from './glob.ts'

/** What a matcher looks at: the event as a whole, each exception of the chain, or each frame of any stack. */
export type Subject = 'event' | 'exception' | 'frame'

interface Field {
  readonly name: string
  readonly subject: Subject
  /** Whether upper and lower case are the same. */
  readonly isFolded: boolean
}

const FIELDS = [
  { name: 'type', subject: 'exception', isFolded: false },
  { name: 'value', subject: 'exception', isFolded: true },
  { name: 'message', subject: 'event', isFolded: true },
  { name: 'module', subject: 'frame', isFolded: false },
  { name: 'file', subject: 'frame', isFolded: true },
  { name: 'function', subject: 'frame', isFolded: false },
  { name: 'path', subject: 'frame', isFolded: true },
  { name: 'level', subject: 'event', isFolded: true },
  { name: 'release', subject: 'event', isFolded: true },
  { name: 'environment', subject: 'event', isFolded: true },
  { name: 'logger', subject: 'event', isFolded: false },
  { name: 'transaction', subject: 'event', isFolded: false },
  { name: 'platform', subject: 'event', isFolded: true },
] as const satisfies readonly Field[]

const TAG = 'tags.'

/** How the names of the matchers are told to people. */
export const MATCHER_NAMES: readonly string[] = [...FIELDS.map(({ name }) => name), `${TAG}KEY`]

/** A tag's key where `field` is `tags`. */
export type Source = { field: (typeof FIELDS)[number]['name'] } | { field: 'tags'; key: string }

export interface Matcher {
  /** As written, without `!`. */
  readonly name: string
  readonly source: Source
  readonly subject: Subject
  readonly isNegated: boolean
  readonly glob: Glob
}

/** The matcher of a name as written in a rule, `null` where there is none of that name. */
export function makeMatcher(name: string, pattern: string, isNegated: boolean): Matcher | null {
  if (name.startsWith(TAG) && name.length > TAG.length) {
    const source: Source = { field: 'tags', key: name.slice(TAG.length) }
    return { name, source, subject: 'event', isNegated, glob: compileGlob(pattern, false) }
  }
  const field = FIELDS.find((candidate) => candidate.name === name)
  if (field === undefined) return null
  const isPath = field.name === 'path'
  const slashed = isPath ? pattern.replaceAll('\\', '/') : pattern
  const glob = compileGlob(field.isFolded ? fold(slashed) : slashed, isPath)
  return { name, source: { field: field.name }, subject: field.subject, isNegated, glob }
}
