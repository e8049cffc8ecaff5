import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { seen } from '../tables/archive.ts'
import type { EventClaim } from './claim-events.ts'

/**
 * Marks those of the events as counted that have a report of whatever day: what is older than events are known to have been seen would
 * be counted again, or be written where it stands already. `day`: from when on they are known for as long as any.
 */
export async function rememberReported(db: Db, events: readonly EventClaim[]): Promise<void> {
  if (events.length === 0) return
  await db.execute(sql`
    INSERT INTO seen (project_id, key, day)
    SELECT DISTINCT r.project_id, r.key, r.day
    FROM ${recordset(seen, ['project_id', 'key', 'day'], events)}
    WHERE EXISTS (SELECT FROM report WHERE report.project_id = r.project_id AND report.event_id = r.key)
    ORDER BY r.project_id, r.key
    ON CONFLICT (project_id, key) DO UPDATE SET day = excluded.day WHERE seen.day < excluded.day`)
}
