import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { type Day, dayOf } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { seen } from '../tables/archive.ts'

export interface EventClaim {
  project_id: ProjectId
  key: EventId
  /** UTC day of receipt. */
  day: string
}

/**
 * Marks the events as counted and gives back those that were not marked before, by `claimAddress`: whatever arrives
 * twice, in whatever bytes, is counted by the transaction whose claim commits. Sorted, so that workers that claim the
 * same events wait for each other in one direction only. What was received long ago and is digested now is known from now on.
 */
export async function claimEvents(tx: Tx, claims: readonly EventClaim[]): Promise<ReadonlySet<string>> {
  if (claims.length === 0) return new Set()
  const today = dayOf(new Date())
  const known = claims.map((claim) => ({ ...claim, day: laterOf(claim.day, today) }))
  const rows = await tx.execute<{ project_id: ProjectId; key: string }>(sql`
    INSERT INTO seen (project_id, key, day)
    SELECT r.project_id, r.key, r.day
    FROM ${recordset(seen, ['project_id', 'key', 'day'], known)}
    ORDER BY r.project_id, r.key
    ON CONFLICT DO NOTHING
    RETURNING project_id, replace(key::text, '-', '') AS key`)
  return new Set(rows.map((row) => claimAddress(row.project_id, row.key)))
}

function laterOf(one: Day, other: Day): Day {
  return one > other ? one : other
}

export function claimAddress(projectId: string, key: string): string {
  return `${projectId} ${key}`
}
