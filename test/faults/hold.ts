import type { Sql } from 'postgres'

/** A transaction that stays open, with the locks its statement took, until it is released. */
export interface Hold {
  release(): Promise<void>
}

/** Opens a transaction, runs `statement` in it, and leaves it open. */
export async function hold(sql: Sql, statement: string): Promise<Hold> {
  const session = await sql.reserve()
  await session`BEGIN`
  await session.unsafe(statement)
  return {
    async release() {
      await session`ROLLBACK`
      session.release()
    },
  }
}

/** Whether a statement of these sessions (by `application_name`) waits for somebody else's lock. */
export async function isWaitingForLock(sql: Sql, application: string): Promise<boolean> {
  const rows = await sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = ${application} AND wait_event_type = 'Lock'`
  return rows.length > 0
}
