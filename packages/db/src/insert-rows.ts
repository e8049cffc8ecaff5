import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from './connect.ts'
import { columnList, type Row, recordset } from './recordset.ts'

/** Inserts all rows, which have the same columns, with one statement; none is no statement. */
export async function insertRows(tx: Tx, table: PgTable, rows: readonly Row[]): Promise<void> {
  const [first] = rows
  if (!first) return
  const columns = Object.keys(first)
  await tx.execute(sql`
    INSERT INTO ${table} (${columnList(columns)})
    SELECT ${columnList(columns, 'r.')}
    FROM ${recordset(table, columns, rows)}`)
}
