import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { columnList, recordset } from '../recordset.ts'
import { outcome_hour } from '../tables/outcome.ts'

/** A row of `outcome_hour`; keys are its column names. */
export interface HourCount {
  /** Decimal; '0' where nobody showed a key that opens a project. */
  project_id: string
  /** The beginning of the hour, as ISO 8601. */
  hour: string
  item_type: string
  outcome: string
  reason: string
  quantity: number
}

const COLUMNS = [
  'project_id',
  'hour',
  'item_type',
  'outcome',
  'reason',
  'quantity',
] as const satisfies (keyof HourCount)[]
const KEY = COLUMNS.slice(0, -1)

/**
 * Adds counts to the hours of the ledger, all or none; no two of them have the same key. They are locked in the order
 * of their keys: in another order two gateways could wait for each other. What came for a project that is being deleted,
 * or is gone by now, counts under 0: it gets no rows any more.
 *
 * `onTransaction` is called with the transaction's id before its COMMIT is sent. When this rejects after that, whether
 * the counts were added is unknown: `wasCommitted` will say. When it rejects before, they were not.
 */
export async function addHours(
  db: Db,
  counts: readonly HourCount[],
  onTransaction: (id: string) => void,
): Promise<void> {
  if (counts.length === 0) return
  await db.transaction(async (tx) => {
    const rows = await tx.execute<{ id: string }>(sql`
      WITH r AS MATERIALIZED (
        SELECT * FROM ${recordset(outcome_hour, COLUMNS, counts)}
      ),
      owner AS MATERIALIZED (
        -- A deletion that begins waits for this, and then finds what was added.
        SELECT id FROM project WHERE id IN (SELECT project_id FROM r) AND status = 'active' ORDER BY id FOR KEY SHARE
      ),
      counted AS (
        SELECT coalesce(owner.id, 0) AS project_id, ${columnList(KEY.slice(1), 'r.')}, sum(quantity)::bigint AS quantity
        FROM r LEFT JOIN owner ON owner.id = r.project_id
        GROUP BY 1, ${columnList(KEY.slice(1), 'r.')}
      ),
      added AS (
        INSERT INTO ${outcome_hour} (${columnList(COLUMNS)})
        SELECT ${columnList(COLUMNS, 'counted.')}
        FROM counted
        ORDER BY ${columnList(KEY, 'counted.')}
        ON CONFLICT (${columnList(KEY)}) DO UPDATE SET quantity = ${outcome_hour}.quantity + excluded.quantity
      )
      SELECT pg_current_xact_id()::text AS id`)
    for (const { id } of rows) onTransaction(id)
  })
}
