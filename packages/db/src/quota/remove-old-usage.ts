import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/**
 * Removes the usage of periods that are long over: minutes after an hour, hours after two days, months after thirteen
 * months. Call it hourly; any number of gateways may.
 */
export async function removeOldUsage(db: Db, now: Date): Promise<void> {
  const at = sql`${now.toISOString()}::timestamptz`
  await db.execute(sql`
    DELETE FROM quota_usage
    WHERE (period = 'minute' AND starts_at < ${at} - interval '1 hour')
      OR (period = 'hour' AND starts_at < ${at} - interval '2 days')
      OR (period = 'month' AND starts_at < ${at} - interval '13 months')`)
}
