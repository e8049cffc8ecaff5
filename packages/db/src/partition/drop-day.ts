import type { Sql } from 'postgres'
import type { Day } from './day.ts'
import { type PartitionedTable, partitionName } from './partitioned-tables.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/**
 * Gives a day's disk back: detaches its partition and drops it. Inserts into other days never wait for it, not even
 * while a reader holds the partition open: the detach waits beside the lock queue (CONCURRENTLY), not in it.
 * A day that is not there is no error; a drop that was killed half-way is finished by the next call.
 */
export async function dropDay(sql: Sql, table: PartitionedTable, day: Day): Promise<void> {
  const name = partitionName(table, day)
  // CONCURRENTLY refuses to run in a transaction, so the session carries the time-out.
  const session = await sql.reserve()
  try {
    await session`SET lock_timeout = '500ms'`
    await retryWhileLocked(() => detach(session, table, name))
    await retryWhileLocked(async () => {
      await session`DROP TABLE IF EXISTS ${session(name)}`
    })
  } finally {
    await session`RESET lock_timeout`.finally(() => session.release())
  }
}

type Session = Awaited<ReturnType<Sql['reserve']>>

async function detach(session: Session, table: PartitionedTable, name: string): Promise<void> {
  // A detach that was killed or timed out between its two transactions can only be finished, and bars every other.
  const [pending] = await session<{ name: string }[]>`
    SELECT relname AS name
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = ${table}::regclass AND inhdetachpending`
  if (pending) await session.unsafe(`ALTER TABLE ${table} DETACH PARTITION ${pending.name} FINALIZE`)
  const [attached] = await session`
    SELECT FROM pg_inherits WHERE inhrelid = to_regclass(${name}) AND inhparent = ${table}::regclass`
  if (attached) await session.unsafe(`ALTER TABLE ${table} DETACH PARTITION ${name} CONCURRENTLY`)
}
