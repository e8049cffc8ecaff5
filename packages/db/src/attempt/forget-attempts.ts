import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db, Tx } from '../connect.ts'
import { attemptsOf } from './attempts-of.ts'

/** The archives came to an end: in the transaction that settles their jobs, for those that were handed out before. */
export async function forgetAttempts(tx: Tx | Db, addresses: readonly ArchiveAddress[]): Promise<void> {
  if (addresses.length === 0) return
  await tx.execute(sql`
    WITH mine AS (
      SELECT a.project_id, a.day, a.archive_hash
      FROM ${attemptsOf(addresses)}
      JOIN digest_attempt AS a ON a.project_id = r.project_id AND a.day = r.day AND a.archive_hash = r.archive_hash
      ORDER BY a.project_id, a.day, a.archive_hash
      FOR UPDATE OF a
    )
    DELETE FROM digest_attempt AS a USING mine
    WHERE a.project_id = mine.project_id AND a.day = mine.day AND a.archive_hash = mine.archive_hash`)
}
