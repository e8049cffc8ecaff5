import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { client_discard_hour } from '../tables/item.ts'

/** What SDKs of a project dropped before sending, as reported in one hour. */
export interface DiscardCount {
  project_id: ProjectId
  /** Its beginning. */
  hour: Date
  category: string
  reason: string
  quantity: number
}

/** Adds to the hours; no two of them have the same key. In key order, so that two workers never wait crosswise. */
export async function addDiscards(tx: Tx, counts: readonly DiscardCount[]): Promise<void> {
  if (counts.length === 0) return
  const columns = ['project_id', 'hour', 'category', 'reason', 'quantity']
  await tx.execute(sql`
    INSERT INTO client_discard_hour (project_id, hour, category, reason, quantity)
    SELECT r.project_id, r.hour, r.category, r.reason, r.quantity
    FROM ${recordset(client_discard_hour, columns, counts)}
    ORDER BY r.project_id, r.hour, r.category, r.reason
    ON CONFLICT (project_id, hour, category, reason)
    DO UPDATE SET quantity = client_discard_hour.quantity + excluded.quantity`)
}
