import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import { findArchives } from '@rumen/db/archive/find-archives'
import type { Db } from '@rumen/db/connect'
import type { Day } from '@rumen/db/partition/day'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from './command-error.ts'

/** What somebody at the prompt knows of an archive; null: nothing. */
export interface ArchiveQuestion {
  hashPrefix: string
  projectId: ProjectId | null
  day: Day | null
}

const HASH = /^[0-9a-f]{8,64}$/i
/** Archives of one hash that are named before somebody has to say which. */
const SHOWN_MAX = 10

/** Eight characters of a hash, or more of them. */
export function isHashPrefix(word: string): boolean {
  return HASH.test(word)
}

/** The one archive whose hash begins like that; throws CommandError where there is none, or several. */
export async function findArchive(db: Db, question: ArchiveQuestion): Promise<ArchiveAddress> {
  const found = await findArchives(db, { ...question, countMax: SHOWN_MAX + 1 })
  const [address, ...others] = found
  if (address === undefined) throw new CommandError(`there is no archive ${question.hashPrefix}`)
  if (others.length === 0) return address
  const shown = found
    .slice(0, SHOWN_MAX)
    .map(({ hash, projectId, day }) => `  ${hash} --project ${projectId} --day ${day}`)
  const more = found.length > SHOWN_MAX ? ['  …'] : []
  throw new CommandError([`which archive ${question.hashPrefix}? there are several:`, ...shown, ...more].join('\n'))
}
