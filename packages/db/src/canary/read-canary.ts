import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Gauge } from '../gauge/read-gauges.ts'

/** What is known of the canary events of all gateways; null: there was none yet. */
export interface CanaryState {
  /** The last one sent: the interval in seconds it was sent at. */
  sent: Gauge | null
  /** The last that arrived: after how many milliseconds its report was there. */
  visible: Gauge | null
  /** The last that did not: what its gateway answered, 0 where there was no answer. */
  lost: Gauge | null
}

export async function readCanary(db: Db): Promise<CanaryState> {
  const rows = await db.execute<{ name: string; value: number; age: number }>(sql`
    SELECT name, value::float8 AS value, greatest(0, extract(epoch FROM clock_timestamp() - measured_at))::float8 AS age
    FROM gauge
    WHERE name IN ('canary_sent', 'canary_visible_ms', 'canary_lost')`)
  const gauges = new Map(rows.map(({ name, value, age }) => [name, { value, ageSeconds: age }]))
  return {
    sent: gauges.get('canary_sent') ?? null,
    visible: gauges.get('canary_visible_ms') ?? null,
    lost: gauges.get('canary_lost') ?? null,
  }
}
