import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/**
 * Whether this process is to send the next canary event: the last was sent `intervalSeconds` ago or longer. Of any number of
 * processes that ask at once one is told so; whoever is told may die, and then the next one is simply due later.
 */
export async function leaseCanary(db: Db, intervalSeconds: number): Promise<boolean> {
  const rows = await db.execute(sql`
    INSERT INTO gauge (name, value, measured_at) VALUES ('canary_sent', ${intervalSeconds}, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, measured_at = excluded.measured_at
    WHERE gauge.measured_at <= clock_timestamp() - make_interval(secs => ${intervalSeconds})
    RETURNING name`)
  return rows.length > 0
}
