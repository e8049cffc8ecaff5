import { type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'

/** A row on its way into a table: keys are its column names. Bytes are written as PostgreSQL's hex text. */
export type Row = object

/**
 * Rows as a table expression `r`, with the column types of `table`, in one parameter however many rows there are:
 * `FROM ${recordset(report, columns, rows)}`. One JSON text costs a tenth of thousands of separate parameters, and
 * its order is the order of the rows.
 */
export function recordset(table: PgTable, columns: readonly string[], rows: readonly Row[]): SQL {
  const types = columnTypes(table)
  const definition = columns.map((column) => `"${column}" ${types.get(column)}`).join(', ')
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) AS r(${sql.raw(definition)})`
}

/** `"a", "b"` or, with a prefix, `r."a", r."b"`. */
export function columnList(columns: readonly string[], prefix = ''): SQL {
  return sql.raw(columns.map((column) => `${prefix}"${column}"`).join(', '))
}

const typesOf = new WeakMap<PgTable, ReadonlyMap<string, string>>()

function columnTypes(table: PgTable): ReadonlyMap<string, string> {
  const known = typesOf.get(table)
  if (known) return known
  const types = new Map(getTableConfig(table).columns.map((column) => [column.name, column.getSQLType()]))
  typesOf.set(table, types)
  return types
}
