import type { Row, Sql } from 'postgres'
import { waitFor } from './wait-for.ts'

/** What the worker made of everything a project sent. */
export interface Digest {
  /** Rows of `analytics.reports`, oldest first. */
  reports: readonly Row[]
  /** `<item type> <code>` of every rejected item, in the order they were found. */
  errors: readonly string[]
  /** The ledger: how many items ended how, by `<item type> <outcome>`. */
  outcomes: Readonly<Record<string, number>>
}

/** Tables of what is kept besides reports. */
export type ItemTable = 'transactions' | 'sessions' | 'attachments' | 'feedback' | 'check_ins' | 'discards'

/** Waits until at least one archive of the project is there and no job is left, and reads what came of it. */
export async function digestOf({ sql }: { sql: Sql }, { id }: { id: string }): Promise<Digest> {
  await waitFor('the digest of a project', async () => {
    const [state] = await sql<{ archives: number; jobs: number }[]>`
      SELECT
        (SELECT count(*)::int FROM archive WHERE project_id = ${id}) AS archives,
        (SELECT count(*)::int FROM pgboss.job WHERE data->>'project_id' = ${id}) AS jobs`
    return state !== undefined && state.archives > 0 && state.jobs === 0
  })
  const reports = await sql`SELECT * FROM analytics.reports WHERE project_id = ${id} ORDER BY received_at, event_id`
  const errors = await sql<{ error: string }[]>`
    SELECT item_type || ' ' || code AS error FROM digest_error WHERE project_id = ${id} ORDER BY id`
  const outcomes = await sql<{ ending: string; quantity: number }[]>`
    SELECT item_type || ' ' || outcome AS ending, sum(quantity)::int AS quantity
    FROM analytics.outcomes WHERE project_id = ${id} AND item_type <> 'request' GROUP BY 1`
  return {
    reports: [...reports],
    errors: errors.map(({ error }) => error),
    outcomes: Object.fromEntries(outcomes.map(({ ending, quantity }) => [ending, quantity])),
  }
}

/** What stands in a table of a project whose digest is done, oldest first. */
export async function itemRowsOf({ sql }: { sql: Sql }, { id }: { id: string }, table: ItemTable): Promise<Row[]> {
  return [...(await QUERIES[table](sql, id))]
}

const hex = (sql: Sql, column: string) => sql`replace(${sql(column)}::text, '-', '') AS ${sql(column)}`

const QUERIES: Readonly<Record<ItemTable, (sql: Sql, id: string) => PromiseLike<readonly Row[]>>> = {
  transactions: (sql, id) => sql`
    SELECT ${hex(sql, 'event_id')}, (SELECT value FROM dim_transaction AS dim
        WHERE dim.project_id = item.project_id AND dim.id = transaction_id) AS name, op, duration_ms
    FROM transaction_event AS item WHERE project_id = ${id} ORDER BY received_at, item_index`,
  sessions: (sql, id) => sql`
    SELECT ${hex(sql, 'sid')}, status, errors FROM session WHERE project_id = ${id} ORDER BY started_at, sid`,
  attachments: (sql, id) => sql`
    SELECT ${hex(sql, 'event_id')}, name, attachment_type, content_type, size::int, byte_offset::int
    FROM attachment WHERE project_id = ${id} ORDER BY received_at, item_index`,
  feedback: (sql, id) => sql`
    SELECT ${hex(sql, 'event_id')}, name, email, message FROM feedback WHERE project_id = ${id}
    ORDER BY received_at, item_index`,
  check_ins: (sql, id) => sql`
    SELECT ${hex(sql, 'check_in_id')}, monitor_slug, status, duration, (SELECT value FROM dim_environment AS dim
        WHERE dim.project_id = item.project_id AND dim.id = environment_id) AS environment
    FROM check_in AS item WHERE project_id = ${id} ORDER BY received_at, item_index`,
  discards: (sql, id) => sql`
    SELECT category, reason, quantity::int FROM client_discard_hour WHERE project_id = ${id} ORDER BY hour, category, reason`,
}
