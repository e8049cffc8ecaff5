import { type SQL, sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'

/** A row on its way into a table: keys are its column names. Bytes are written as PostgreSQL's hex text. */
export type Row = object

/**
 * Rows as a table expression `r`, with the column types of `table`, in one parameter for each column however many rows there
 * are: `FROM ${recordset(report, columns, rows)}`. Its order is the order of the rows. Columns as JSON arrays cost both sides
 * half of what `json_to_recordset` takes, which meets every column's name again in every row.
 */
export function recordset(table: PgTable, columns: readonly string[], rows: readonly Row[]): SQL {
  const types = columnTypes(table)
  const typeOf = (column: string) => types.get(column) ?? 'text'
  const values = columns.map((column) => {
    const write = writerOf(typeOf(column))
    return sql`json_array_elements_text(${JSON.stringify(rows.map((row) => write((row as Cells)[column])))}::json)`
  })
  const places = columns.map((_, at) => `c${at}`)
  const typed = columns.map((column, at) => `c${at}::${typeOf(column)} AS "${column}"`)
  return sql`(
    SELECT ${sql.raw(typed.join(', '))}
    FROM ROWS FROM (${sql.join(values, sql.raw(', '))}) AS c(${sql.raw(places.join(', '))})
  ) AS r`
}

type Cells = Readonly<Record<string, unknown>>

/** What makes the text of a value that its column's type reads, and JSON of it. */
function writerOf(type: string): (value: unknown) => unknown {
  if (type === 'bigint[]') return (value) => (Array.isArray(value) ? `{${value.join(',')}}` : null)
  // Elements of any other kind would need quotes of their own.
  if (type.endsWith('[]')) throw new Error(`a column of ${type} cannot be written by a recordset yet`)
  // A text by itself is one that has to keep its quotes.
  if (type.startsWith('json')) return (value) => (value === null || value === undefined ? null : JSON.stringify(value))
  return (value) => value
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
