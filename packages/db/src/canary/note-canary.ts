import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/**
 * What became of a canary event: its report was there after so long, or it was given up. `answer` is the status its gateway
 * answered last, 0 where there was no answer; 200 then says that it was taken and never seen again.
 */
export type CanaryEnd = { kind: 'visible'; ms: number } | { kind: 'lost'; answer: number }

/** Publishes it for all to read, with the time by the database's clock. */
export async function noteCanary(db: Db, end: CanaryEnd): Promise<void> {
  const [name, value] = end.kind === 'visible' ? ['canary_visible_ms', end.ms] : ['canary_lost', end.answer]
  await db.execute(sql`
    INSERT INTO gauge (name, value, measured_at) VALUES (${name}, ${Math.round(value)}, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, measured_at = excluded.measured_at`)
}
