import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** Who a process is: the same from its start to its end. */
export interface ProcessIdentity {
  /** Another at each start. */
  id: string
  role: 'gateway' | 'worker'
  host: string
  pid: number
  version: string
  startedAt: Date
}

/** How it is doing, as it says itself. Durations, not moments: its clock may be wrong. */
export interface ProcessState {
  /** For how long it has had the same batch in hand; null: none. */
  busyMs: number | null
  /** Since it last asked for jobs and got an answer; null: never, or not its business. */
  lookedMs: number | null
  /** Requests since its start: archived by a gateway, digested by a worker. */
  accepted: number
  digested: number
  /** Of these, over the last minute. */
  perSecond: number
  /** From the answer to an event to its report, over the last minute; null: there were none. */
  visibleMedianMs: number | null
  visibleSlowMs: number | null
  /** Null: it has none. */
  spool: { records: number; bytes: number; bytesMax: number; keptAsideBytes: number } | null
}

/** Nobody has missed one that was silent for so long: its row goes. */
const FORGOTTEN_MINUTES = 15

/** Writes that a process lives and how it is, by the database's clock, and forgets those that have long been silent. */
export async function beat(db: Db, identity: ProcessIdentity, state: ProcessState): Promise<void> {
  const { id, role, host, pid, version, startedAt } = identity
  const { spool } = state
  await db.execute(sql`
    WITH forgotten AS (
      DELETE FROM process
      WHERE beat_at < clock_timestamp() - make_interval(mins => ${FORGOTTEN_MINUTES}) AND id <> ${id}
    )
    INSERT INTO process (id, role, host, pid, version, started_at, beat_at, busy_since, looked_at, accepted, digested,
      per_second, visible_median_ms, visible_slow_ms, spool_records, spool_bytes, spool_max_bytes, spool_kept_aside_bytes)
    VALUES (${id}, ${role}, ${host}, ${pid}, ${version}, ${startedAt.toISOString()}, clock_timestamp(),
      ${ago(state.busyMs)}, ${ago(state.lookedMs)}, ${state.accepted}, ${state.digested}, ${state.perSecond},
      ${state.visibleMedianMs}, ${state.visibleSlowMs},
      ${spool?.records ?? null}, ${spool?.bytes ?? null}, ${spool?.bytesMax ?? null}, ${spool?.keptAsideBytes ?? null})
    ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, busy_since = excluded.busy_since,
      looked_at = excluded.looked_at, accepted = excluded.accepted, digested = excluded.digested,
      per_second = excluded.per_second, visible_median_ms = excluded.visible_median_ms,
      visible_slow_ms = excluded.visible_slow_ms, spool_records = excluded.spool_records,
      spool_bytes = excluded.spool_bytes, spool_max_bytes = excluded.spool_max_bytes,
      spool_kept_aside_bytes = excluded.spool_kept_aside_bytes`)
}

function ago(ms: number | null) {
  return ms === null ? sql`NULL` : sql`clock_timestamp() - make_interval(secs => ${ms / 1000})`
}
