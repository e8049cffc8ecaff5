import type { ProjectId } from '@rumen/protocol/brand'
import type { SessionCounts } from '@rumen/protocol/merge-session'
import { type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from '../connect.ts'
import { columnList, recordset } from '../recordset.ts'
import { session_hour, session_user_hour } from '../tables/session.ts'

/** What an hour's counts change by. */
export interface SessionDelta extends SessionCounts {
  project_id: ProjectId
  /** Start of the hour. */
  hour: Date
  release_id: number
  environment_id: number
  /** As in `session`: no user is counted when null. */
  did: string | null
}

const COUNTS = ['sessions', 'errored', 'unhandled', 'abnormal', 'crashed'] as const satisfies (keyof SessionCounts)[]
const HOUR_KEY = ['project_id', 'hour', 'release_id', 'environment_id'] as const
const USER_KEY = [...HOUR_KEY, 'did'] as const

/**
 * Adds the changes to the hours, and to those of each user. Rows are locked in the order of their keys and stay so to
 * the end of the transaction: it belongs among the last. Rows in which no session is left are removed.
 */
export async function countSessions(tx: Tx, deltas: readonly SessionDelta[]): Promise<void> {
  await addCounts(tx, session_hour, HOUR_KEY, deltas)
  await addCounts(
    tx,
    session_user_hour,
    USER_KEY,
    deltas.filter(({ did }) => did !== null),
  )
}

async function addCounts(
  tx: Tx,
  table: PgTable,
  key: readonly (keyof SessionDelta)[],
  deltas: readonly SessionDelta[],
): Promise<void> {
  const rows = sumBy(key, deltas)
  if (rows.length === 0) return
  const columns = [...key, ...COUNTS]
  await tx.execute(sql`
    INSERT INTO ${table} (${columnList(columns)})
    SELECT ${columnList(columns, 'r.')}
    FROM ${recordset(table, columns, rows)}
    ORDER BY ${columnList(key, 'r.')}
    ON CONFLICT (${columnList(key)}) DO UPDATE SET ${sql.join(COUNTS.map(increase(table)), sql`, `)}`)
  const lessened = rows.filter(({ sessions }) => sessions < 0)
  if (lessened.length === 0) return
  await tx.execute(sql`
    DELETE FROM ${table}
    USING ${recordset(table, key, lessened)}
    WHERE ${sql.join(key.map(isSame(table)), sql` AND `)} AND ${table}.sessions <= 0`)
}

const increase =
  (table: PgTable) =>
  (column: string): SQL =>
    sql`${sql.identifier(column)} = ${table}.${sql.identifier(column)} + excluded.${sql.identifier(column)}`

const isSame =
  (table: PgTable) =>
  (column: string): SQL =>
    sql`${table}.${sql.identifier(column)} = r.${sql.identifier(column)}`

/** One row for each key, without those whose changes cancel out. */
function sumBy(key: readonly (keyof SessionDelta)[], deltas: readonly SessionDelta[]): SessionDelta[] {
  const sums = new Map<string, SessionDelta>()
  for (const delta of deltas) {
    const address = JSON.stringify(key.map((column) => delta[column]))
    const sum = sums.get(address)
    if (sum) for (const column of COUNTS) sum[column] += delta[column]
    else sums.set(address, { ...delta })
  }
  return [...sums.values()].filter((sum) => COUNTS.some((column) => sum[column] !== 0))
}
