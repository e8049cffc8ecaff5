import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress } from './archive-row.ts'
import { archiveAddress } from './read-archives.ts'

/** `ownerless`: its project is being deleted, or gone. `erased`: its project wanted it forgotten. */
export type Unreadable = 'ownerless' | 'erased'

/** Why archives cannot be read, by `archiveAddress`; one that can be, or that there never was, is not in the answer. */
export async function findUnreadable(
  db: Db | Tx,
  addresses: readonly ArchiveAddress[],
): Promise<ReadonlyMap<string, Unreadable>> {
  if (addresses.length === 0) return new Map()
  const wanted = addresses.map(({ projectId, day, hash }) => ({ project_id: projectId, day, hash: `\\x${hash}` }))
  const rows = await db.execute<UnreadableRecord>(sql`
    SELECT r.project_id, r.day::text AS day, encode(r.hash, 'hex') AS hash,
      CASE WHEN project.id IS NULL THEN 'ownerless' ELSE 'erased' END AS why
    FROM ${recordset(archive, ['project_id', 'day', 'hash'], wanted)}
    LEFT JOIN project ON project.id = r.project_id AND project.status = 'active'
    LEFT JOIN archive ON archive.project_id = r.project_id AND archive.day = r.day AND archive.hash = r.hash
    WHERE project.id IS NULL OR archive.erased_at IS NOT NULL`)
  return new Map(
    rows.map(({ project_id, why, ...place }) => [archiveAddress({ projectId: project_id, ...place }), why]),
  )
}

interface UnreadableRecord extends Record<string, unknown> {
  project_id: ProjectId
  day: string
  hash: string
  why: Unreadable
}
