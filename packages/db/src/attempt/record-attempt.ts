import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db } from '../connect.ts'
import { digest_attempt } from '../tables/outcome.ts'

/**
 * Counts that this archive is about to be digested by itself, and gives how often it was by now. Committed before the
 * digest begins: what kills the process is known for it afterwards.
 */
export async function recordAttempt(db: Db, { projectId, day, hash }: ArchiveAddress): Promise<number> {
  const [row] = await db.execute<{ attempts: number }>(sql`
    INSERT INTO ${digest_attempt} (project_id, day, archive_hash, attempts)
    VALUES (${projectId}, ${day}, decode(${hash}, 'hex'), 1)
    ON CONFLICT (project_id, day, archive_hash)
      DO UPDATE SET attempts = ${digest_attempt}.attempts + 1, attempted_at = excluded.attempted_at
    RETURNING attempts`)
  if (!row) throw new Error('an attempt was not recorded')
  return row.attempts
}
