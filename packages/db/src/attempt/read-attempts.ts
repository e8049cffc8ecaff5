import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import { archiveAddress } from '../archive/read-archives.ts'
import type { Db } from '../connect.ts'
import { attemptsOf } from './attempts-of.ts'

/** How often the archives were digested by themselves in vain, by `archiveAddress`; those that never were are left out. */
export async function readAttempts(db: Db, addresses: readonly ArchiveAddress[]): Promise<ReadonlyMap<string, number>> {
  if (addresses.length === 0) return new Map()
  const rows = await db.execute<{ project_id: ProjectId; day: string; hash: string; attempts: number }>(sql`
    SELECT a.project_id, to_char(a.day, 'YYYY-MM-DD') AS day, encode(a.archive_hash, 'hex') AS hash, a.attempts
    FROM ${attemptsOf(addresses)}
    JOIN digest_attempt AS a ON a.project_id = r.project_id AND a.day = r.day AND a.archive_hash = r.archive_hash`)
  return new Map(
    rows.map(({ project_id, day, hash, attempts }) => [archiveAddress({ projectId: project_id, day, hash }), attempts]),
  )
}
