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
    FROM outcome WHERE project_id = ${id} GROUP BY 1`
  return {
    reports: [...reports],
    errors: errors.map(({ error }) => error),
    outcomes: Object.fromEntries(outcomes.map(({ ending, quantity }) => [ending, quantity])),
  }
}
