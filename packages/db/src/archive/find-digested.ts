import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'
import type { ArchiveAddress, ArchiveRow } from './archive-row.ts'

/**
 * Those of the addresses of which something that was digested is there, be the archive itself gone. By indexes alone: events and
 * transactions are found by the id the archive has.
 */
export async function findDigested(
  db: Db,
  archives: readonly (ArchiveAddress & Pick<ArchiveRow, 'eventId'>)[],
): Promise<readonly ArchiveAddress[]> {
  if (archives.length === 0) return []
  const wanted = archives.map(({ projectId, day, hash, eventId }) => ({
    ...{ project_id: projectId, day, hash: `\\x${hash}`, event_id: eventId },
  }))
  const byEvent = (table: string) => sql`EXISTS (
    SELECT FROM ${sql.identifier(table)} AS t
    WHERE t.project_id = r.project_id AND t.day = r.day AND t.event_id = r.event_id AND t.archive_hash = r.hash)`
  const byHash = (table: string) => sql`EXISTS (
    SELECT FROM ${sql.identifier(table)} AS t
    WHERE t.project_id = r.project_id AND t.day = r.day AND t.archive_hash = r.hash)`
  const traces = [
    ...['report', 'transaction_event'].map(byEvent),
    ...['attachment', 'feedback', 'check_in'].map(byHash),
  ]
  const rows = await db.execute<{ project_id: ArchiveAddress['projectId']; day: string; hash: string }>(sql`
    SELECT r.project_id, to_char(r.day, 'YYYY-MM-DD') AS day, encode(r.hash, 'hex') AS hash
    FROM ${recordset(archive, ['project_id', 'day', 'hash', 'event_id'], wanted)}
    WHERE ${sql.join(traces, sql` OR `)}`)
  return rows.map(({ project_id, day, hash }) => ({ projectId: project_id, day, hash }))
}
