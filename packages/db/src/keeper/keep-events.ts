import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { columnList, recordset } from '../recordset.ts'
import { keeper } from '../tables/keeper.ts'
import { thinOut } from './thin-out.ts'

export interface KeptDay {
  day: Day
  /** Null: of all projects. */
  projectId: ProjectId | null
}

/** Groupings looked at in one query: their first and last events of the day, found by an index. */
const GROUPINGS_MAX = 200
/** Of bodies copied in one transaction: a second's work where a body is large. */
const BYTES_MAX = 32 * 1024 * 1024

/**
 * Copies the first and the last event of each grouping on that day, with what was received, into `keeper`, and thins out
 * what is kept of the grouping then. Call it before the reports or the archives of a day go; as often as you like, the
 * result is the same. Events whose archive is gone or erased are passed over. Bodies never leave the server. Between two
 * batches it heeds `signal`, and gives whether it came to the end.
 */
export async function keepEvents(db: Db, kept: KeptDay, signal?: AbortSignal): Promise<boolean> {
  // Without a body to be found each grouping's reports would be read from end to end.
  if (!(await hasArchives(db, kept))) return true
  let after: Place = { project_id: '0', grouping_id: '0' }
  for (;;) {
    if (signal?.aborted) return false
    const groupings = await findGroupings(db, kept, after)
    const last = groupings.at(-1)
    if (last === undefined) return true
    for (const some of ofSize(await findEdges(db, kept.day, groupings))) {
      await db.transaction((tx) => copy(tx, kept.day, some))
    }
    await thinOut(db, groupings)
    after = last
  }
}

async function hasArchives(db: Db, { day, projectId }: KeptDay): Promise<boolean> {
  const [row] = await db.execute(sql`
    SELECT FROM archive WHERE day = ${day} ${projectId === null ? sql`` : sql`AND project_id = ${projectId}`} LIMIT 1`)
  return row !== undefined
}

interface Place {
  project_id: string
  grouping_id: string
}

/** The next groupings with events on the day: from one to the next by the index, not event by event. */
async function findGroupings(db: Db, { day, projectId }: KeptDay, after: Place): Promise<readonly Place[]> {
  const next = (place: SQL) => sql`
    SELECT project_id, grouping_id FROM report
    WHERE day = ${day} AND (project_id, grouping_id) > ${place} ${projectId === null ? sql`` : sql`AND project_id = ${projectId}`}
    ORDER BY project_id, grouping_id
    LIMIT 1`
  return await db.execute<Place & Record<string, unknown>>(sql`
    WITH RECURSIVE met AS (
      SELECT first.*, 1 AS n FROM (${next(sql`(${after.project_id}::bigint, ${after.grouping_id}::bigint)`)}) AS first
      UNION ALL
      SELECT next.*, met.n + 1
      FROM met CROSS JOIN LATERAL (${next(sql`(met.project_id, met.grouping_id)`)}) AS next
      WHERE met.n < ${GROUPINGS_MAX}
    )
    SELECT project_id::text, grouping_id::text FROM met ORDER BY met.project_id, met.grouping_id`)
}

interface Edge extends Place {
  event_id: string
  bytes: number
}

/** The first and the last event of each that has a body to keep, and how large that is. */
async function findEdges(db: Db, day: Day, groupings: readonly Place[]): Promise<readonly Edge[]> {
  // Not an EXISTS: as a join of the whole day it would be planned by size, and this ends with the first row or two.
  const edge = (order: SQL) => sql`
    (SELECT event_id, archive_hash FROM report
    WHERE project_id = r.project_id AND day = ${day} AND grouping_id = r.grouping_id
      AND (SELECT true FROM archive AS a
        WHERE a.project_id = report.project_id AND a.day = ${day} AND a.hash = report.archive_hash AND a.body IS NOT NULL)
    ORDER BY received_at ${order}
    LIMIT 1)`
  return await db.execute<Edge & Record<string, unknown>>(sql`
    SELECT r.project_id::text, r.grouping_id::text, edge.event_id, octet_length(a.body) AS bytes
    FROM ${recordset(keeper, ['project_id', 'grouping_id'], groupings)}
    CROSS JOIN LATERAL (${edge(sql`ASC`)} UNION ${edge(sql`DESC`)}) AS edge
    JOIN archive AS a ON a.project_id = r.project_id AND a.day = ${day} AND a.hash = edge.archive_hash
    ORDER BY r.project_id, r.grouping_id, edge.event_id`)
}

function* ofSize(edges: readonly Edge[]): Generator<readonly Edge[]> {
  let [some, bytes]: [Edge[], number] = [[], 0]
  for (const edge of edges) {
    if (some.length > 0 && bytes + edge.bytes > BYTES_MAX) {
      yield some
      ;[some, bytes] = [[], 0]
    }
    some.push(edge)
    bytes += edge.bytes
  }
  if (some.length > 0) yield some
}

const OF_ARCHIVE = [
  'endpoint',
  'content_type',
  'encoding',
  'client_ip',
  'user_agent',
  'sentry_client',
  'query_release',
  'query_environment',
  'wire_bytes',
  'body',
]
const OF_REPORT = [
  'project_id',
  'grouping_id',
  'event_id',
  'day',
  'archive_hash',
  'item_index',
  'occurred_at',
  'received_at',
]

/**
 * The lock is for whoever deletes an event: its report first, and then its keepers. He waits for this and finds what it
 * wrote, or this finds no report any more.
 */
async function copy(tx: Tx, day: Day, edges: readonly Edge[]): Promise<void> {
  await tx.execute(sql`
    INSERT INTO keeper (${columnList([...OF_REPORT, ...OF_ARCHIVE])}, archive_event_id)
    SELECT ${columnList(OF_REPORT, 'report.')}, ${columnList(OF_ARCHIVE, 'a.')}, a.event_id
    FROM ${recordset(keeper, ['project_id', 'grouping_id', 'event_id'], edges)}
    JOIN report ON report.project_id = r.project_id AND report.event_id = r.event_id AND report.day = ${day}
      AND report.grouping_id = r.grouping_id
    JOIN archive AS a ON a.project_id = report.project_id AND a.day = ${day} AND a.hash = report.archive_hash
    WHERE a.body IS NOT NULL
    ORDER BY r.project_id, r.grouping_id, r.event_id
    FOR SHARE OF report
    ON CONFLICT DO NOTHING`)
}
