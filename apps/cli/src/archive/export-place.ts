import type { ArchiveKey } from '@rumen/db/archive/list-archive-keys'
import type { Day } from '@rumen/db/partition/day'
import type { ArchiveScope } from '@rumen/db/project/find-projects'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { isRecord } from '@rumen/protocol/record'
import { CommandError } from '../command-error.ts'

/** What an export has come across so far. */
export interface ExportCounts {
  /** Written. */
  archives: number
  /** Of them, those without some of their items, which were deleted. */
  rewritten: number
  /** Left out: all there is in them was deleted, or what is left of them cannot be told apart from it. */
  suppressed: number
  /** Left out: their bytes are not those their hash was made of. */
  damaged: number
}

export interface ExportedProject {
  id: ProjectId
  slug: string
}

/** How far an export has come, and of what. */
export interface ExportPlace {
  scope: ArchiveScope
  projects: readonly ExportedProject[]
  /** The last archive that was looked at; null: none so far. */
  last: Pick<ArchiveKey, 'projectId' | 'hash' | 'receivedAt'> | null
  day: Day | null
  counts: ExportCounts
}

export function sameScope(one: ArchiveScope, other: ArchiveScope): boolean {
  return one.projectId === other.projectId && one.since === other.since && one.until === other.until
}

/** What an export wrote down to be read by the next one. */
export function readExportPlace(value: unknown): ExportPlace {
  if (!isRecord(value) || !isRecord(value.scope) || !isRecord(value.counts) || !Array.isArray(value.projects))
    throw odd()
  const { archives, rewritten, suppressed, damaged } = value.counts
  return {
    scope: {
      projectId: nullable(value.scope.projectId, (id) => parseProjectId(text(id))),
      since: nullable(value.scope.since, text),
      until: nullable(value.scope.until, text),
    },
    projects: value.projects.map((one: unknown) => {
      if (!isRecord(one)) throw odd()
      return { id: parseProjectId(text(one.id)), slug: text(one.slug) }
    }),
    last: nullable(value.last, (last) => {
      if (!isRecord(last)) throw odd()
      return {
        projectId: parseProjectId(text(last.projectId)),
        hash: text(last.hash),
        receivedAt: text(last.receivedAt),
      }
    }),
    day: nullable(value.day, text),
    counts: {
      archives: number(archives),
      rewritten: number(rewritten),
      suppressed: number(suppressed),
      damaged: number(damaged),
    },
  }
}

function nullable<Value>(value: unknown, read: (value: unknown) => Value): Value | null {
  return value === null || value === undefined ? null : read(value)
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw odd()
}

function number(value: unknown): number {
  if (typeof value === 'number') return value
  throw odd()
}

function odd(): CommandError {
  return new CommandError('what an export left behind to go on with cannot be read: remove it, and begin anew')
}
