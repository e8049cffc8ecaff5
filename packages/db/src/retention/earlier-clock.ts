import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** The time by this machine's clock or the database's, whichever is earlier: one that is ahead must not cost anybody a day. */
export async function earlierClock(db: Db): Promise<Date> {
  const [row] = await db.execute<{ ms: number }>(sql`
    SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS ms`)
  return new Date(Math.min(Date.now(), row?.ms ?? Date.now()))
}
