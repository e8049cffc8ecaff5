import type { ProjectId } from '@rumen/protocol/brand'
import type { SessionStatus } from '@rumen/protocol/read-session'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { session } from '../tables/session.ts'
import type { SessionAddress } from './lock-sessions.ts'

/** A row of `session` as it is stored. */
export interface SessionRow {
  project_id: ProjectId
  sid: string
  day: Day
  started_at: Date
  status: SessionStatus
  status_seq: number
  duration: number | null
  abnormal_mechanism: string | null
  errors: number
  release_id: number
  release_seq: number
  environment_id: number
  environment_seq: number | null
  did: string | null
  did_seq: number | null
}

/**
 * The rows of these sessions that are stored under one of the days from `first` to `last`, locked in the order of their
 * keys. Days are bounded because each is an index to look into.
 */
export async function findSessions(
  tx: Tx,
  addresses: readonly SessionAddress[],
  { first, last }: { first: Day; last: Day },
): Promise<readonly SessionRow[]> {
  const rows = await tx.execute<SessionRecord>(sql`
    SELECT
      session.project_id, session.sid, session.day::text AS day,
      (extract(epoch FROM session.started_at) * 1000)::float8 AS started_ms,
      session.status, session.status_seq::float8 AS status_seq, session.duration, session.abnormal_mechanism,
      session.errors, session.release_id::float8 AS release_id, session.release_seq::float8 AS release_seq,
      session.environment_id::float8 AS environment_id, session.environment_seq::float8 AS environment_seq,
      session.did, session.did_seq::float8 AS did_seq
    FROM ${recordset(session, ['project_id', 'sid'], addresses)}
    JOIN session ON session.project_id = r.project_id AND session.sid = r.sid
    WHERE session.day BETWEEN ${first}::date AND ${last}::date
    ORDER BY session.project_id, session.sid, session.day
    FOR NO KEY UPDATE OF session`)
  return rows.map(({ started_ms, ...row }) => ({ ...row, started_at: new Date(started_ms) }))
}

type SessionRecord = Omit<SessionRow, 'started_at'> & { started_ms: number } & Record<string, unknown>
