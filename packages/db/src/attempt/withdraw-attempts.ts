import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'
import { attemptsOf } from './attempts-of.ts'

/** Takes back one attempt of each archive: it ended, and not through any fault of theirs. */
export async function withdrawAttempts(db: Db, addresses: readonly ArchiveAddress[]): Promise<void> {
  if (addresses.length === 0) return
  await db.execute(sql`
    WITH mine AS (
      SELECT a.project_id, a.day, a.archive_hash, a.attempts
      FROM ${attemptsOf(addresses)}
      JOIN digest_attempt AS a ON a.project_id = r.project_id AND a.day = r.day AND a.archive_hash = r.archive_hash
      ORDER BY a.project_id, a.day, a.archive_hash
      FOR UPDATE OF a
    ), gone AS (
      DELETE FROM digest_attempt AS a USING mine
      WHERE a.project_id = mine.project_id AND a.day = mine.day AND a.archive_hash = mine.archive_hash
        AND mine.attempts <= 1
    )
    UPDATE digest_attempt AS a SET attempts = mine.attempts - 1
    FROM mine
    WHERE a.project_id = mine.project_id AND a.day = mine.day AND a.archive_hash = mine.archive_hash
      AND mine.attempts > 1`)
}
