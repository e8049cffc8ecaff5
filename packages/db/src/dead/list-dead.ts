import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'

/** A job that was given up. */
export interface DeadJob {
  id: string
  /** When it was given up; `died` is the same as the database wrote it, to the microsecond. */
  diedAt: Date
  died: string
  /** Since when it waited, and in which queue. */
  queuedAt: Date
  queue: string
  /** How often it was handed out. */
  tries: number
  reason: string
  /** As it was enqueued. */
  data: unknown
}

/** Which of them, oldest first. */
export interface DeadFilter {
  queue: string
  /** Null: any. */
  projectId: ProjectId | null
  ids: readonly string[] | null
  /** Those behind this one. */
  after: DeadJob | null
  countMax: number
}

/** The jobs that match. */
export async function listDead(db: Db | Tx, filter: DeadFilter): Promise<readonly DeadJob[]> {
  return await select(db, filter, false)
}

/** The same, locked until the transaction ends; without those that somebody else has locked. */
export async function lockDead(tx: Tx, filter: DeadFilter): Promise<readonly DeadJob[]> {
  return await select(tx, filter, true)
}

interface DeadRecord extends Record<string, unknown> {
  id: string
  died_ms: number
  died: string
  queued_ms: number
  queue: string
  tries: number
  reason: string
  data: unknown
}

async function select(db: Db | Tx, filter: DeadFilter, lock: boolean): Promise<DeadJob[]> {
  const { queue, projectId, ids, after, countMax } = filter
  const rows = await db.execute<DeadRecord>(sql`
    SELECT id, extract(epoch FROM created_on)::float8 * 1000 AS died_ms, created_on::text AS died,
      extract(epoch FROM coalesce(source_created_on, created_on))::float8 * 1000 AS queued_ms,
      coalesce(source_name, '') AS queue, coalesce(source_retry_count, 0) + 1 AS tries, data,
      coalesce(source_output->>'reason', source_output #>> '{value,message}', 'no reason was left') AS reason
    FROM pgboss.job
    WHERE name = ${queue} AND state < 'active' AND NOT blocked
      ${projectId === null ? sql`` : sql`AND data->>'project_id' = ${projectId}::text`}
      ${ids === null ? sql`` : sql`AND id::text IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json))`}
      ${after === null ? sql`` : sql`AND (created_on, id) > (${after.died}::timestamptz, ${after.id}::uuid)`}
    ORDER BY created_on, id
    LIMIT ${countMax}
    ${lock ? sql`FOR UPDATE SKIP LOCKED` : sql``}`)
  return rows.map(({ died_ms, queued_ms, ...row }) => ({
    ...row,
    diedAt: new Date(died_ms),
    queuedAt: new Date(queued_ms),
  }))
}
