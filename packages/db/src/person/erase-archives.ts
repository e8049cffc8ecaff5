import { type SQL, sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { suppressed } from '../tables/erasure.ts'
import { transact } from '../transact.ts'
import { type Erasure, noteErased } from './begin-erasure.ts'

/** Tables of what came along in an archive. Reports are erased one by one, with all that is counted of them. */
const TABLES = ['transaction_event', 'attachment', 'feedback', 'check_in', 'keeper', 'digest_error'] as const

/**
 * Erases what was received at these addresses, and the rows made of it but for reports. Addresses and hashes stay: nothing of
 * it comes back, be it digested, ruminated, imported or sent again on the day.
 */
export async function eraseArchives(db: Db, erasure: Erasure, addresses: readonly ArchiveAddress[]): Promise<void> {
  if (addresses.length === 0) return
  await transact(db, (tx) => eraseArchivesIn(tx, erasure, addresses))
}

/** The same as part of a transaction. */
export async function eraseArchivesIn(tx: Tx, erasure: Erasure, addresses: readonly ArchiveAddress[]): Promise<void> {
  if (addresses.length === 0) return
  const rows = addresses.map(({ projectId, day, hash }) => ({ project_id: projectId, day, archive_hash: `\\x${hash}` }))
  const days = sql.join(
    [...new Set(addresses.map(({ day }) => day))].map((day) => sql`${day}::date`),
    sql`, `,
  )
  const wanted = recordset(suppressed, ['project_id', 'day', 'archive_hash'], rows)
  await tx.execute(sql`
    INSERT INTO suppressed (project_id, day, archive_hash, item_index, reason)
    SELECT DISTINCT r.project_id, r.day, r.archive_hash, -1, 'person_erased' FROM ${wanted}
    ORDER BY r.day, r.archive_hash
    ON CONFLICT (project_id, day, archive_hash, item_index) DO UPDATE SET reason = excluded.reason`)
  const counts: Record<string, number> = { archive: (await tx.execute(emptyArchives(wanted))).count }
  for (const table of TABLES) {
    // Project and days by themselves: planned with what is joined alone, every day of everybody would be read.
    const { count } = await tx.execute(sql`
      DELETE FROM ${sql.identifier(table)} AS t
      USING ${wanted}
      WHERE t.project_id = ${erasure.person.projectId}::bigint AND t.day IN (${days})
        AND t.day = r.day AND t.archive_hash = r.archive_hash`)
    counts[table] = count
  }
  await noteErased(tx, erasure, counts)
}

/** In the order of their keys, so that nobody who erases the same ones waits for this crosswise. */
function emptyArchives(wanted: SQL): SQL {
  return sql`
    WITH held AS MATERIALIZED (
      SELECT archive.project_id, archive.day, archive.hash
      FROM ${wanted}
      JOIN archive ON archive.project_id = r.project_id AND archive.day = r.day AND archive.hash = r.archive_hash
      WHERE archive.erased_at IS NULL
      ORDER BY archive.day, archive.hash
      FOR UPDATE OF archive
    )
    UPDATE archive
    SET body = NULL, erased_at = now(), client_ip = NULL, user_agent = NULL, sentry_client = NULL, query_release = NULL,
      query_environment = NULL
    FROM held
    WHERE archive.project_id = held.project_id AND archive.day = held.day AND archive.hash = held.hash`
}
