import { type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Db } from '../connect.ts'

/** 4 MB of a table: some ten thousand rows, and a few tens of milliseconds of locks nobody else wants. */
const PAGES = 512

/**
 * Deletes the rows of a table whose time is over, wherever they lie, by reading it once from end to end, a few pages in each
 * statement. That needs no index on the time, which every insert would pay for: on `seen`, with 300,000 rows, a sweep took a
 * third of a second, and inserts with an index a sixth longer. Call it once a day. Between two statements it heeds `signal`.
 * Gives the number of rows deleted.
 */
export async function sweepRows(db: Db, table: PgTable, isOver: SQL, signal?: AbortSignal): Promise<number> {
  const { name } = getTableConfig(table)
  const [size] = await db.execute<{ pages: number }>(sql`
    SELECT (pg_relation_size(${name}::regclass) / current_setting('block_size')::int)::float8 AS pages`)
  let total = 0
  for (let page = 0; page < (size?.pages ?? 0); page += PAGES) {
    if (signal?.aborted) return total
    const { count } = await db.execute(sql`
      DELETE FROM ${table}
      WHERE ctid >= ${`(${page},0)`}::tid AND ctid < ${`(${page + PAGES},0)`}::tid AND ${isOver}`)
    total += count
  }
  return total
}
