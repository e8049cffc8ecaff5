import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress } from './archive-row.ts'

/** An archive that is there, and when it came in. */
export interface ReceivedArchive extends ArchiveAddress {
  receivedAtMs: number
}

/** When the archives at the addresses came in; those that are not there are left out. */
export async function findReceived(db: Db, addresses: readonly ArchiveAddress[]): Promise<readonly ReceivedArchive[]> {
  if (addresses.length === 0) return []
  const wanted = addresses.map(({ projectId, day, hash }) => ({ project_id: projectId, day, hash: `\\x${hash}` }))
  const rows = await db.execute<{ project_id: ArchiveAddress['projectId']; day: string; hash: string; ms: number }>(sql`
    SELECT archive.project_id, to_char(archive.day, 'YYYY-MM-DD') AS day, encode(archive.hash, 'hex') AS hash,
      round(extract(epoch FROM archive.received_at) * 1000)::float8 AS ms
    FROM ${recordset(archive, ['project_id', 'day', 'hash'], wanted)}
    JOIN archive ON archive.project_id = r.project_id AND archive.day = r.day AND archive.hash = r.hash`)
  return rows.map(({ project_id, day, hash, ms }) => ({ projectId: project_id, day, hash, receivedAtMs: ms }))
}
