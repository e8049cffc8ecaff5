import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

export type GaugeName = 'queue_waiting' | 'queue_active' | 'queue_oldest_seconds' | 'queue_dead'

export interface Gauge {
  value: number
  /** Since it was measured, by the database's clock. */
  ageSeconds: number
}

/** What was measured of the queue last; a gauge that was never measured is missing. */
export type Gauges = Readonly<Partial<Record<GaugeName, Gauge>>>

export async function readGauges(db: Db): Promise<Gauges> {
  const rows = await db.execute<{ name: GaugeName; value: number; age: number }>(sql`
    SELECT name, value::float8 AS value, greatest(0, extract(epoch FROM clock_timestamp() - measured_at))::float8 AS age
    FROM gauge
    WHERE name LIKE 'queue\\_%'`)
  return Object.fromEntries(rows.map(({ name, value, age }) => [name, { value, ageSeconds: age }]))
}
