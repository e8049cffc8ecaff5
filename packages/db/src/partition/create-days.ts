import type { Sql, TransactionSql } from 'postgres'
import { addDays, type Day, dayOf } from './day.ts'
import { PARTITIONED_TABLES, type PartitionedTable, partitionName } from './partitioned-tables.ts'
import { retryWhileLocked } from './retry-while-locked.ts'

/** Days made ahead of today: an upkeep that stands still for two weeks stops nothing. */
const DAYS_AHEAD = 14

/**
 * Makes the partitions of today and the next 14 days where they are missing. Safe to call from any number of
 * processes at once, at start and hourly.
 */
export async function createDays(sql: Sql, now: Date): Promise<void> {
  const existing = await existingPartitions(sql)
  const today = dayOf(now)
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    for (const table of PARTITIONED_TABLES) {
      const day = addDays(today, ahead)
      if (existing.has(partitionName(table, day))) continue
      await retryWhileLocked(() => createPartition(sql, table, day))
    }
  }
}

/** Makes the partitions of one day, past or to come, where they are missing: what was spooled goes to its own day. */
export async function createDay(sql: Sql, day: Day): Promise<void> {
  for (const table of PARTITIONED_TABLES) await retryWhileLocked(() => createPartition(sql, table, day))
}

async function existingPartitions(sql: Sql): Promise<Set<string>> {
  const rows = await sql<{ name: string }[]>`
    SELECT child.relname AS name
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
    WHERE pg_inherits.inhparent = ANY (${[...PARTITIONED_TABLES]}::regclass[])`
  return new Set(rows.map((row) => row.name))
}

/**
 * LIKE and ATTACH instead of PARTITION OF: the latter takes an ACCESS EXCLUSIVE lock on the parent, and every insert
 * of every gateway would wait behind it and behind whatever it waits for.
 */
async function createPartition(sql: Sql, table: PartitionedTable, day: Day): Promise<void> {
  const name = partitionName(table, day)
  await sql.begin(async (tx) => {
    await tx`SET LOCAL lock_timeout = '500ms'`
    await tx`SELECT pg_advisory_xact_lock(hashtext(${`rumen partition ${name}`}))`
    const [attached] = await tx`
      SELECT FROM pg_inherits WHERE inhrelid = to_regclass(${name}) AND inhparent = ${table}::regclass`
    if (attached) return
    await removeEmpty(tx, name)
    await tx`CREATE TABLE ${tx(name)} (LIKE ${tx(table)} INCLUDING ALL)`
    // Bounds are part of the command's grammar and cannot be parameters; both are dates made above.
    await tx.unsafe(
      `ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM ('${day}') TO ('${addDays(day, 1)}')`,
    )
  })
}

/** A table of that name that is no partition is left by a drop that was killed, or was set aside by somebody. */
async function removeEmpty(tx: TransactionSql, name: string): Promise<void> {
  const [table] = await tx`SELECT FROM pg_class WHERE oid = to_regclass(${name})`
  if (!table) return
  const [row] = await tx`SELECT FROM ${tx(name)} LIMIT 1`
  if (row) throw new Error(`table ${name} holds rows but is no partition: attach it again, rename it or drop it`)
  await tx`DROP TABLE ${tx(name)}`
}
