import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Counts } from './begin-erasure.ts'

/** That somebody was erased. */
export interface Receipt {
  projectId: ProjectId
  id: number
  /** SHA-256, in hexadecimal, of the project's number, a blank and the name that was given. */
  subjectHash: string
  requestedAt: Date
  /** Null: it was not finished. */
  finishedAt: Date | null
  erased: Counts
}

/** Of one project, or of those numbers; null: of all. Oldest first. */
export async function listReceipts(
  db: Db,
  { projectId, ids }: { projectId: ProjectId | null; ids: readonly number[] | null },
): Promise<readonly Receipt[]> {
  const rows = await db.execute<ReceiptRecord>(sql`
    SELECT project_id, id, encode(subject_hash, 'hex') AS subject_hash,
      (extract(epoch FROM requested_at) * 1000)::float8 AS requested_ms,
      (extract(epoch FROM finished_at) * 1000)::float8 AS finished_ms, erased
    FROM erasure
    WHERE ${projectId === null ? sql`true` : sql`project_id = ${projectId}::bigint`}
      AND ${ids === null ? sql`true` : sql`id IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json)::bigint)`}
    ORDER BY requested_at, project_id, id`)
  return rows.map((row) => ({
    projectId: row.project_id,
    id: Number(row.id),
    subjectHash: row.subject_hash,
    requestedAt: new Date(row.requested_ms),
    finishedAt: row.finished_ms === null ? null : new Date(row.finished_ms),
    erased: row.erased,
  }))
}

interface ReceiptRecord extends Record<string, unknown> {
  project_id: ProjectId
  id: string
  subject_hash: string
  requested_ms: number
  finished_ms: number | null
  erased: Counts
}
