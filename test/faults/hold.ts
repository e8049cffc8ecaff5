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

/** Whether these sessions (by `application_name`) have come to a stand: one waits for somebody else's lock, all others idle. */
export async function isWaitingForLock(sql: Sql, application: string): Promise<boolean> {
  const busy = await sql<{ wait_event_type: string | null }[]>`
    SELECT wait_event_type FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = ${application} AND state <> 'idle'`
  return busy.length === 1 && busy[0]?.wait_event_type === 'Lock'
}
