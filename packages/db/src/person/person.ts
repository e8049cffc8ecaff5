import { hash } from 'node:crypto'
import type { ProjectId } from '@rumen/protocol/brand'

/** What people are told apart by, in the order that decides what a name on a command line means. */
export const WAYS = ['id', 'email', 'username', 'ip'] as const
export type Way = (typeof WAYS)[number]

/** Everything a project knows one person by, and nobody else: the name that was given, and what only goes with it. */
export interface Person {
  projectId: ProjectId
  /** What was given, and what it is. */
  name: string
  by: Way
  /** With `name` among those of `by`. */
  names: Readonly<Record<Way, readonly string[]>>
}

/** What a receipt calls a person: whoever knows the name finds it. */
export function subjectHash(projectId: ProjectId, name: string): string {
  return hash('sha256', `${projectId} ${name}`)
}

/** All names, each once. */
export function namesOf({ names }: Pick<Person, 'names'>): readonly string[] {
  return [...new Set(WAYS.flatMap((way) => names[way]))]
}
