import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress } from './archive-row.ts'

/** Deletes what was received, and leaves no trace of it; none is no statement. */
export async function deleteArchives(tx: Tx, addresses: readonly ArchiveAddress[]): Promise<void> {
  if (addresses.length === 0) return
  const rows = addresses.map(({ projectId, day, hash }) => ({ project_id: projectId, day, hash: `\\x${hash}` }))
  await tx.execute(sql`
    DELETE FROM archive
    USING ${recordset(archive, ['project_id', 'day', 'hash'], rows)}
    WHERE archive.project_id = r.project_id AND archive.day = r.day AND archive.hash = r.hash`)
}
