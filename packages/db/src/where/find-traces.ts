import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Tx } from '../connect.ts'
import { isShown } from '../retention/is-shown.ts'

/**
 * A row somewhere that carries the event's id: what came in, what became of it, that it is kept for good (`keeper`), or
 * `seen`, that it was counted on a day. Rejected is also what shares an archive with it.
 */
export interface Trace extends ArchiveAddress {
  kind: 'archive' | 'stored' | 'keeper' | 'transaction' | 'feedback' | 'attachment' | 'rejected' | 'seen'
  /** Slug of the project. */
  project: string
  receivedAt: Date
  /** When it was digested, or rejected. */
  endedAt: Date | null
  /** The issue, like `shop-12`; the file's name; the type of the item rejected. */
  name: string | null
  /** Why it was rejected. */
  code: string | null
  message: string | null
}

const TRACES_MAX = 200

/** Everything that is kept of the event, by project, what came in last and else oldest first; of one project, or of all. */
export async function findTraces(
  tx: Tx,
  { eventId, projectId }: { eventId: EventId; projectId: ProjectId | null },
): Promise<readonly Trace[]> {
  const rows = await tx.execute<TraceRecord>(sql`
    WITH scope AS (
      SELECT id, slug, retention_days FROM project ${projectId === null ? sql`` : sql`WHERE id = ${projectId}`}
    ),
    came AS (
      SELECT a.project_id, a.day, a.hash, a.received_at
      FROM scope JOIN archive AS a ON a.project_id = scope.id AND a.event_id = ${eventId}
    ),
    traces AS (${sql.join(
      PARTS.map((part) => part(eventId)),
      sql` UNION ALL `,
    )})
    SELECT t.kind, t.project_id, project.slug AS project, to_char(t.day, 'YYYY-MM-DD') AS day, encode(t.hash, 'hex') AS hash,
      (extract(epoch FROM coalesce(t.received_at, t.day::timestamp AT TIME ZONE 'UTC')) * 1000)::float8 AS received_ms,
      (extract(epoch FROM t.ended_at) * 1000)::float8 AS ended_ms, t.name, t.code, t.message
    FROM traces AS t JOIN scope AS project ON project.id = t.project_id
    WHERE t.kind IN ('seen', 'keeper') OR ${isShown('t')}
    ORDER BY t.project_id, t.kind = 'archive', received_ms, t.hash, t.kind
    LIMIT ${TRACES_MAX}`)
  return rows.map(({ project_id, received_ms, ended_ms, hash, ...row }) => ({
    ...row,
    projectId: project_id,
    hash: hash ?? '',
    receivedAt: new Date(received_ms),
    endedAt: ended_ms === null ? null : new Date(ended_ms),
  }))
}

interface TraceRecord
  extends Record<string, unknown>,
    Pick<Trace, 'kind' | 'project' | 'day' | 'name' | 'code' | 'message'> {
  project_id: ProjectId
  /** Null: what was counted, wherever it came from. */
  hash: string | null
  received_ms: number
  ended_ms: number | null
}

/** Each table by its index on the id; all have the columns of the first. */
const PARTS: readonly ((eventId: EventId) => SQL)[] = [
  () => sql`
    SELECT 'archive' AS kind, project_id, day, hash, received_at, NULL::timestamptz AS ended_at, NULL::text AS name,
      NULL::text AS code, NULL::text AS message
    FROM came`,
  (eventId) => sql`
    SELECT 'stored', r.project_id, r.day, r.archive_hash, r.received_at, r.digested_at, scope.slug || '-' || issue.number,
      NULL, NULL
    FROM scope
    JOIN report AS r ON r.project_id = scope.id AND r.event_id = ${eventId}
    LEFT JOIN "grouping" AS g ON g.project_id = r.project_id AND g.id = r.grouping_id
    LEFT JOIN issue ON issue.project_id = r.project_id AND issue.id = g.issue_id`,
  (eventId) => sql`
    SELECT 'keeper', k.project_id, k.day, k.archive_hash, k.received_at, NULL, scope.slug || '-' || issue.number, NULL, NULL
    FROM scope
    JOIN keeper AS k ON k.project_id = scope.id AND k.event_id = ${eventId}
    JOIN "grouping" AS g ON g.project_id = k.project_id AND g.id = k.grouping_id
    JOIN issue ON issue.project_id = g.project_id AND issue.id = g.issue_id`,
  (eventId) => sql`
    SELECT 'transaction', r.project_id, r.day, r.archive_hash, r.received_at, NULL, NULL, NULL, NULL
    FROM scope JOIN transaction_event AS r ON r.project_id = scope.id AND r.event_id = ${eventId}`,
  (eventId) => sql`
    SELECT 'feedback', r.project_id, r.day, r.archive_hash, r.received_at, NULL, NULL, NULL, NULL
    FROM scope JOIN feedback AS r ON r.project_id = scope.id AND r.event_id = ${eventId}`,
  (eventId) => sql`
    SELECT 'attachment', r.project_id, r.day, r.archive_hash, r.received_at, NULL, r.name, NULL, NULL
    FROM scope JOIN attachment AS r ON r.project_id = scope.id AND r.event_id = ${eventId}`,
  (eventId) => sql`
    SELECT 'rejected', e.project_id, e.day, e.archive_hash, a.received_at, e.failed_at, e.item_type, e.code, e.message
    FROM scope
    JOIN digest_error AS e ON e.project_id = scope.id AND e.event_id = ${eventId}
    LEFT JOIN archive AS a ON a.project_id = e.project_id AND a.day = e.day AND a.hash = e.archive_hash`,
  (eventId) => sql`
    SELECT 'rejected', e.project_id, e.day, e.archive_hash, came.received_at, e.failed_at, e.item_type, e.code, e.message
    FROM came
    JOIN digest_error AS e ON e.project_id = came.project_id AND e.archive_hash = came.hash AND e.day = came.day
      AND e.event_id IS DISTINCT FROM ${eventId}::uuid`,
  (eventId) => sql`
    SELECT 'seen', s.project_id, s.day, NULL, NULL, NULL, NULL, NULL, NULL
    FROM scope JOIN seen AS s ON s.project_id = scope.id AND s.key = ${eventId}`,
]
