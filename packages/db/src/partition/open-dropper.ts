import type { Sql } from 'postgres'
import { connect } from '../connect.ts'
import type { Day } from './day.ts'
import { DROPPED, type PartitionedTable, partitionName } from './partitioned-tables.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/** Longer in the lock queue of a table, and every insert would wait behind it as long. */
const LOCK_TIMEOUT_MS = 500

/** Drops days, one after the other. */
export interface Dropper {
  /**
   * Gives a day's disk back: detaches its partition and drops it. Inserts into other days never wait for it, not even
   * while a reader holds the partition open: the detach waits beside the lock queue (CONCURRENTLY), not in it.
   * A day that is not there is no error; a drop that was killed half-way is finished by the next call, and once it is
   * detached, known as such by `listDays`. Between two tries for a lock it heeds `signal`.
   */
  drop(partition: { table: PartitionedTable; day: Day }, signal?: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * CONCURRENTLY refuses to run in a transaction, so its session carries the time-out for locks: one of its own, that nobody
 * else is handed in a state he does not expect, and that has it again when it was cut and is made anew. `directUrl` must
 * reach PostgreSQL itself, not a transaction pooler.
 */
export function openDropper(directUrl: string): Dropper {
  const { sql, close } = connect(directUrl, { poolSize: 1, name: 'rumen retention', lockTimeoutMs: LOCK_TIMEOUT_MS })
  return {
    async drop({ table, day }, signal) {
      const name = partitionName(table, day)
      await retryWhileLocked(() => detach(sql, table, name), signal)
      await retryWhileLocked(async () => {
        await sql`DROP TABLE IF EXISTS ${sql(name)}`
      }, signal)
    },
    close,
  }
}

async function detach(sql: Sql, table: PartitionedTable, name: string): Promise<void> {
  // A detach that was killed or timed out between its two transactions can only be finished, and bars every other.
  const [pending] = await sql<{ name: string }[]>`
    SELECT relname AS name
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = ${table}::regclass AND inhdetachpending`
  if (pending) await sql.unsafe(`ALTER TABLE ${table} DETACH PARTITION ${pending.name} FINALIZE`)
  const [attached] = await sql`
    SELECT FROM pg_inherits WHERE inhrelid = to_regclass(${name}) AND inhparent = ${table}::regclass`
  if (!attached) return
  // So that it is known for what it is when nobody lives to drop it; what somebody else detached is his.
  await sql.unsafe(`COMMENT ON TABLE ${name} IS '${DROPPED}'`)
  await sql.unsafe(`ALTER TABLE ${table} DETACH PARTITION ${name} CONCURRENTLY`)
}
