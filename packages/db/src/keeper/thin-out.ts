import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { keeper } from '../tables/keeper.ts'

/** Between the first and the last: spans of time, each of which keeps its newest event. */
const SPANS_MAX = 8
/** What is kept of a grouping, the first and the last included. */
export const KEEPERS_MAX = SPANS_MAX + 2
/** A larger body is only kept of the first and the last: a crash dump is a thousand times as large as an event. */
const BODY_BYTES_MAX = 1024 * 1024
/** The shortest span; each longer one is twice as long as the one before, up to two thousand years. */
const SPAN_SECONDS = 3600
const DOUBLINGS_MAX = 24

/**
 * Leaves the first, the last and a thin spread of what is kept of each of the groupings, so that it stays as little however
 * many years it goes on. Spans begin at fixed moments, whatever is kept: when there would be too many, each two become one,
 * and of their two events the newer stays.
 */
export async function thinOut(
  db: Db,
  groupings: readonly { project_id: string; grouping_id: string }[],
): Promise<void> {
  await db.execute(sql`
    WITH kept AS MATERIALIZED (
      SELECT k.project_id, k.grouping_id, k.event_id, k.received_at, octet_length(k.body) AS bytes,
        extract(epoch FROM k.received_at)::float8 AS at, row_number() OVER w AS n, count(*) OVER grouped AS total,
        extract(epoch FROM min(k.received_at) OVER grouped)::float8 AS first,
        extract(epoch FROM max(k.received_at) OVER grouped)::float8 AS last
      FROM ${recordset(keeper, ['project_id', 'grouping_id'], groupings)}
      JOIN keeper AS k ON k.project_id = r.project_id AND k.grouping_id = r.grouping_id
      WINDOW grouped AS (PARTITION BY k.project_id, k.grouping_id),
        w AS (PARTITION BY k.project_id, k.grouping_id ORDER BY k.received_at, k.event_id)
    ),
    between_them AS (
      SELECT kept.*, row_number() OVER (
        PARTITION BY project_id, grouping_id, floor(at / span.seconds) ORDER BY received_at DESC, event_id DESC
      ) AS age
      FROM kept
      CROSS JOIN LATERAL (
        SELECT min(seconds) AS seconds
        FROM generate_series(0, ${DOUBLINGS_MAX}::int) AS doublings
        CROSS JOIN LATERAL (SELECT ${SPAN_SECONDS}::int * 2.0::float8 ^ doublings AS seconds) AS long
        WHERE floor(last / seconds) - floor(first / seconds) < ${SPANS_MAX}::int
      ) AS span
      WHERE n > 1 AND n < total
    )
    DELETE FROM keeper AS k
    USING between_them AS b
    WHERE k.project_id = b.project_id AND k.grouping_id = b.grouping_id AND k.event_id = b.event_id
      AND (b.bytes > ${BODY_BYTES_MAX} OR (b.total > ${KEEPERS_MAX} AND b.age > 1))`)
}
