import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/**
 * The oldest day of which an archive, of this project or of any, still waits in one of the queues, or is in a worker's hand; null: none
 * does. Neither the
 * archive nor the tables its reports belong in may be dropped before it is digested, however short they are kept. It reads the
 * jobs that are there: ask only when something is about to be dropped.
 */
export async function oldestWaitingDay(
  db: Db,
  queues: readonly string[],
  projectId: ProjectId | null = null,
): Promise<Day | null> {
  const isTheirs = projectId === null ? sql`` : sql`AND data->>'project_id' = ${projectId}::text`
  const [row] = await db.execute<{ day: Day | null }>(sql`
    SELECT min(data->>'day') AS day FROM pgboss.job
    WHERE name IN (SELECT json_array_elements_text(${JSON.stringify(queues)}::json)) AND state < 'completed' ${isTheirs}`)
  return row?.day ?? null
}
