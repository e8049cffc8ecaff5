import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { isPassing } from '../sql-state.ts'

/**
 * What became of a transaction whose COMMIT was sent and never answered; null while it is still under way. An id the
 * server does not know, because it was restored from an earlier state, was not committed. Rejects when nobody can be asked.
 */
export async function wasCommitted(db: Db, id: string): Promise<boolean | null> {
  try {
    const [row] = await db.execute<{ status: string | null }>(sql`SELECT pg_xact_status(${id}::xid8) AS status`)
    return row?.status === 'in progress' ? null : row?.status === 'committed'
  } catch (error) {
    if (isPassing(error)) throw error
    return false
  }
}
