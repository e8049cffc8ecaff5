import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Quotas } from '../project/find-key.ts'
import { recordset } from '../recordset.ts'
import { quota_usage } from '../tables/gateway.ts'

/** Event-bearing requests of a project in one period. */
export interface Usage {
  project_id: ProjectId
  period: keyof Quotas
  /** UTC, to the start of the minute, hour or month. */
  starts_at: Date
  used: number
}

/**
 * Adds what one gateway has counted and gives what the same periods have come to, of all gateways together, in no order.
 * A period with nothing to add is only read, and missing from the answer while nobody has counted anything in it. Sorted,
 * so that gateways that add to the same periods wait for each other in one direction only. A project that is being deleted,
 * or is gone, gets no rows any more.
 */
export async function addUsage(db: Db, usages: readonly Usage[]): Promise<readonly Usage[]> {
  if (usages.length === 0) return []
  const rows = await db.execute<UsageRecord>(sql`
    WITH counted AS (
      SELECT r.project_id, r.period, r.starts_at, sum(r.used)::bigint AS used
      FROM ${recordset(quota_usage, ['project_id', 'period', 'starts_at', 'used'], usages)}
      GROUP BY r.project_id, r.period, r.starts_at
    ),
    owner AS MATERIALIZED (
      SELECT id FROM project
      WHERE id IN (SELECT project_id FROM counted WHERE used > 0) AND status = 'active'
      ORDER BY id
      FOR KEY SHARE
    ),
    added AS (
      INSERT INTO quota_usage (project_id, period, starts_at, used)
      SELECT project_id, period, starts_at, used FROM counted JOIN owner ON owner.id = project_id WHERE used > 0
      ORDER BY project_id, period, starts_at
      ON CONFLICT (project_id, period, starts_at) DO UPDATE SET used = quota_usage.used + excluded.used
      RETURNING project_id, period, starts_at, used
    ),
    known AS (
      SELECT * FROM added
      UNION ALL
      SELECT quota_usage.project_id, quota_usage.period, quota_usage.starts_at, quota_usage.used
      FROM counted
      JOIN quota_usage USING (project_id, period, starts_at)
      WHERE counted.used = 0
    )
    SELECT project_id, period, extract(epoch FROM starts_at)::float8 * 1000 AS starts_ms, used::float8 AS used
    FROM known`)
  return rows.map(({ starts_ms, ...row }) => ({ ...row, starts_at: new Date(starts_ms) }))
}

interface UsageRecord extends Record<string, unknown> {
  project_id: ProjectId
  period: keyof Quotas
  starts_ms: number
  used: number
}
