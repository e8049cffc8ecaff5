import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'

/** Requests of the last hours that were not kept, by the same reason. */
export interface Refusal {
  /** Null: the sender showed no key that opens a project. */
  project: string | null
  outcome: string
  reason: string
  quantity: number
}

export interface DoorState {
  refusals: readonly Refusal[]
  /** Requests that were answered 200 and are still in a gateway's spool, as far as the gateways have said. */
  spooled: number
}

/** What a door that refuses counts (see the gateway's list of outcomes). */
const REFUSED = [
  'rate_limited',
  'too_large',
  'malformed',
  'unauthorized',
  'timed_out',
  'not_kept',
  'discarded',
  'kept_aside',
]

/** What the gateways refused in the last `hours`, most first: of one project and of nobody's, or of all. */
export async function readRefusals(
  tx: Tx,
  { projectId, hours }: { projectId: ProjectId | null; hours: number },
): Promise<DoorState> {
  const inScope = projectId === null ? sql`TRUE` : sql`h.project_id IN (0, ${projectId})`
  const refusals = await tx.execute<Refusal & Record<string, unknown>>(sql`
    SELECT project.slug AS project, h.outcome, h.reason, sum(h.quantity)::float8 AS quantity
    FROM outcome_hour AS h LEFT JOIN project ON project.id = h.project_id
    WHERE ${inScope} AND h.item_type = 'request'
      AND h.hour > now() - make_interval(hours => ${hours})
      AND h.outcome IN (SELECT json_array_elements_text(${JSON.stringify(REFUSED)}::json))
    GROUP BY 1, 2, 3
    ORDER BY quantity DESC, 1, 2, 3`)
  const [spool] = await tx.execute<{ spooled: number }>(sql`
    SELECT coalesce(sum(CASE WHEN outcome = 'spooled' THEN quantity ELSE -quantity END), 0)::float8 AS spooled
    FROM outcome_hour AS h
    WHERE ${inScope} AND item_type = 'request'
      AND (outcome IN ('spooled', 'discarded', 'kept_aside')
        OR (outcome IN ('archived', 'seen_again') AND reason = 'spool'))`)
  return { refusals: [...refusals], spooled: Math.max(0, spool?.spooled ?? 0) }
}
