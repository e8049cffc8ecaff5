import type { Sql } from 'postgres'
import { LOCK_MODES, locksOf, type TableLock, type Work } from './locks-of.ts'
import type { Migration } from './read-migrations.ts'

/** A table that a migration works on while others use it. */
export interface CheckedTable extends TableLock {
  /** With its partitions and indexes, as it is now. */
  bytes: number
}

export interface CheckedMigration {
  number: number
  name: string
  /** Tables it makes. */
  creates: readonly string[]
  /** Tables that were there, each with the strongest lock and the most work. */
  tables: readonly CheckedTable[]
  /** From what tables weigh; an upper bound for usual disks, not a promise. */
  secondsMax: number
  /** Code older than itself cannot run on what it leaves. */
  isBreaking: boolean
  /** Statements nobody here can say anything about: read them. */
  unknown: readonly string[]
}

/** Bytes a second, of disks and machines on the slow side. */
const SCANNED_PER_SECOND = 100 * 1024 ** 2
const REWRITTEN_PER_SECOND = 20 * 1024 ** 2
const WORK = ['at once', 'rows', 'scan', 'rewrite'] as const satisfies readonly Work[]

/** Says what running these migrations, oldest first, would do, from their texts and the sizes of tables. Changes nothing, locks nothing. */
export async function checkMigrations(
  sql: Sql,
  migrations: readonly Migration[],
): Promise<readonly CheckedMigration[]> {
  const made = new Set<string>()
  const checked: CheckedMigration[] = []
  for (const migration of migrations) {
    const { creates, locks, unknown } = readMigration(migration, made)
    const sizes = await readSizes(sql, [...locks.keys()])
    // What is not there yet, and was not made here, is made by a statement behind it.
    const tables = [...locks.values()].flatMap((lock) => {
      const bytes = sizes.get(lock.table)
      return bytes === undefined ? [] : [{ ...lock, bytes }]
    })
    checked.push({
      ...{ number: migration.number, name: migration.name, creates, tables, unknown },
      secondsMax: tables.reduce((sum, table) => sum + secondsOf(table), 0),
      isBreaking: isBreaking(migration),
    })
  }
  return checked
}

/** It raises the floor: older code is refused from then on. */
function isBreaking({ statements }: Pick<Migration, 'statements'>): boolean {
  return statements.some((statement) => /^UPDATE "?schema_floor"?/im.test(statement.trim()))
}

/** What a migration does to tables that were there before it, those in `made` left out; adds to them what it makes. */
function readMigration({ statements }: Migration, made: Set<string>) {
  const locks = new Map<string, TableLock>()
  const creates: string[] = []
  const unknown: string[] = []
  for (const statement of statements) {
    const read = locksOf(statement)
    if (read === null) unknown.push(statement.trim())
    for (const table of read?.creates ?? []) {
      creates.push(table)
      made.add(table)
    }
    for (const lock of read?.locks ?? []) {
      if (!made.has(lock.table)) locks.set(lock.table, strongest(lock, locks.get(lock.table) ?? lock))
    }
  }
  return { locks, creates, unknown }
}

function strongest(a: TableLock, b: TableLock): TableLock {
  return {
    table: a.table,
    mode: LOCK_MODES.indexOf(a.mode) > LOCK_MODES.indexOf(b.mode) ? a.mode : b.mode,
    work: WORK.indexOf(a.work) > WORK.indexOf(b.work) ? a.work : b.work,
  }
}

function secondsOf({ work, bytes }: CheckedTable): number {
  if (work === 'at once') return 0
  return bytes / (work === 'scan' ? SCANNED_PER_SECOND : REWRITTEN_PER_SECOND)
}

/** Bytes of those that exist, partitions together. */
async function readSizes(sql: Sql, tables: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await sql<{ name: string; bytes: string }[]>`
    SELECT name, (
        SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(to_regclass(name)) AS part
        UNION ALL
        SELECT pg_total_relation_size(to_regclass(name))
        ORDER BY 1 DESC NULLS LAST
        LIMIT 1
      ) AS bytes
    FROM unnest(${[...tables]}::text[]) AS name
    WHERE to_regclass(name) IS NOT NULL`
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}
