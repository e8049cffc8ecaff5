import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** A process as it was last heard of. Seconds are counted by the database's clock. */
export interface SeenProcess {
  role: string
  host: string
  pid: number
  version: string
  startedAt: Date
  /** Since it was last heard of. */
  silentSeconds: number
  /** Since it has had the same batch in hand, as far as is known; null: none. */
  busySeconds: number | null
  /** Since it last asked for jobs and got an answer; null: never, or not its business. */
  lookedSeconds: number | null
  accepted: number
  digested: number
  /** Of these, over the minute before it was last heard of. */
  perSecond: number
  visibleMedianMs: number | null
  visibleSlowMs: number | null
  /** Null: it has none. */
  spool: { records: number; bytes: number; bytesMax: number; keptAsideBytes: number } | null
}

/** Every process that runs, or died without a word a short while ago; the longest running of each role first. */
export async function readProcesses(db: Db): Promise<readonly SeenProcess[]> {
  const rows = await db.execute<ProcessRecord>(sql`
    SELECT role, host, pid, version, extract(epoch FROM started_at)::float8 AS started,
      greatest(0, extract(epoch FROM clock_timestamp() - beat_at))::float8 AS silent,
      extract(epoch FROM clock_timestamp() - busy_since)::float8 AS busy,
      extract(epoch FROM clock_timestamp() - looked_at)::float8 AS looked,
      accepted::float8 AS accepted, digested::float8 AS digested, per_second::float8 AS per_second,
      visible_median_ms, visible_slow_ms, spool_records::float8 AS spool_records, spool_bytes::float8 AS spool_bytes,
      spool_max_bytes::float8 AS spool_max_bytes, spool_kept_aside_bytes::float8 AS spool_kept_aside_bytes
    FROM process
    ORDER BY role, started_at, id`)
  return rows.map((row) => ({
    role: row.role,
    host: row.host,
    pid: row.pid,
    version: row.version,
    startedAt: new Date(row.started * 1000),
    silentSeconds: row.silent,
    busySeconds: row.busy,
    lookedSeconds: row.looked,
    accepted: row.accepted,
    digested: row.digested,
    perSecond: row.per_second,
    visibleMedianMs: row.visible_median_ms,
    visibleSlowMs: row.visible_slow_ms,
    spool: spoolOf(row),
  }))
}

interface ProcessRecord extends Record<string, unknown> {
  role: string
  host: string
  pid: number
  version: string
  started: number
  silent: number
  busy: number | null
  looked: number | null
  accepted: number
  digested: number
  per_second: number
  visible_median_ms: number | null
  visible_slow_ms: number | null
  spool_records: number | null
  spool_bytes: number | null
  spool_max_bytes: number | null
  spool_kept_aside_bytes: number | null
}

function spoolOf(row: ProcessRecord): SeenProcess['spool'] {
  if (row.spool_bytes === null) return null
  return {
    records: row.spool_records ?? 0,
    bytes: row.spool_bytes,
    bytesMax: row.spool_max_bytes ?? 0,
    keptAsideBytes: row.spool_kept_aside_bytes ?? 0,
  }
}
