import { setTimeout as delay } from 'node:timers/promises'
import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

const PAUSE_MS = 50
/** Claims expire after sixty seconds, and whoever still has one then is not heard any more. */
const CLAIM_SECONDS_MAX = 75

/**
 * Waits until every job of a project that a worker has in hand at this moment is settled or given back, or its claim has
 * lapsed: whatever was read for one of them is written by then, or never will be.
 */
export async function waitForClaims(db: Db, projectId: ProjectId): Promise<void> {
  const claims = await db.execute<{ name: string; id: string; retry_count: number }>(sql`
    SELECT name, id, retry_count FROM pgboss.job
    WHERE state = 'active' AND data->>'project_id' = ${projectId}::text`)
  let held = claims.length
  while (held > 0) {
    await delay(PAUSE_MS)
    const [row] = await db.execute<{ held: number }>(sql`
      SELECT count(*)::int AS held
      FROM json_to_recordset(${JSON.stringify(claims)}::json) AS r(name text, id uuid, retry_count int)
      JOIN pgboss.job ON job.name = r.name AND job.id = r.id AND job.retry_count = r.retry_count
      WHERE job.state = 'active' AND job.started_on > now() - make_interval(secs => ${CLAIM_SECONDS_MAX})`)
    held = row?.held ?? 0
  }
}
