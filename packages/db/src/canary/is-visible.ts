import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** Whether an event has its report. */
export async function isVisible(
  db: Db,
  { projectId, eventId }: { projectId: ProjectId; eventId: string },
): Promise<boolean> {
  const rows = await db.execute(sql`SELECT FROM report WHERE project_id = ${projectId} AND event_id = ${eventId}`)
  return rows.length > 0
}
