import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { session } from '../tables/session.ts'

export interface SessionAddress {
  project_id: ProjectId
  /** UUID with dashes. */
  sid: string
}

/** PostgreSQL keeps room for some 6,400 locks of all transactions together; partitions and their indexes take some. */
const LOCKS_MAX = 500
const ALL = sql`hashtext('rumen sessions')`

/**
 * Lets one transaction at a time merge into these sessions, until it ends. Rows cannot serve as the lock: a new session
 * has none yet, and two updates that disagree about its day would make two, which no key forbids. Taken in one order,
 * so that workers with the same sessions wait for each other in one direction only; a batch of very many sessions has
 * the table to itself instead.
 */
export async function lockSessions(tx: Tx, addresses: readonly SessionAddress[]): Promise<void> {
  if (addresses.length > LOCKS_MAX) {
    await tx.execute(sql`SELECT pg_advisory_xact_lock(${ALL})`)
    return
  }
  await tx.execute(sql`SELECT pg_advisory_xact_lock_shared(${ALL})`)
  await tx.execute(sql`
    WITH one AS MATERIALIZED (
      SELECT DISTINCT hashtextextended(r.project_id || ' ' || r.sid, 0) AS key
      FROM ${recordset(session, ['project_id', 'sid'], addresses)}
      ORDER BY key
    )
    SELECT pg_advisory_xact_lock(one.key) FROM one`)
}
