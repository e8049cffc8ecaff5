import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { seen } from '../tables/archive.ts'

/** The days on which items were counted, by their keys; of those nobody remembers there is none. */
export async function readSeen(
  db: Db | Tx,
  projectId: ProjectId,
  keys: readonly EventId[],
): Promise<ReadonlyMap<EventId, Day>> {
  if (keys.length === 0) return new Map()
  const rows = await db.execute<{ key: EventId; day: Day }>(sql`
    SELECT replace(seen.key::text, '-', '') AS key, to_char(seen.day, 'YYYY-MM-DD') AS day
    FROM ${keyset(keys)}
    JOIN seen ON seen.project_id = ${projectId} AND seen.key = r.key`)
  return new Map(rows.map(({ key, day }) => [key, day]))
}

/**
 * Of these ids of events and transactions those that must not get a row: they have one of some day, or something of an
 * archive with the same event id was deleted for good.
 */
export async function readTaken(
  db: Db | Tx,
  projectId: ProjectId,
  ids: readonly EventId[],
): Promise<ReadonlySet<EventId>> {
  if (ids.length === 0) return new Set()
  const rows = await db.execute<{ key: EventId }>(sql`
    SELECT replace(r.key::text, '-', '') AS key
    FROM ${keyset(ids)}
    WHERE EXISTS (SELECT FROM report WHERE report.project_id = ${projectId} AND report.event_id = r.key)
      OR EXISTS (
        SELECT FROM archive
        JOIN suppressed AS s
          ON s.project_id = archive.project_id AND s.day = archive.day AND s.archive_hash = archive.hash
        WHERE archive.project_id = ${projectId} AND archive.event_id = r.key
      )`)
  return new Set(rows.map(({ key }) => key))
}

function keyset(keys: readonly EventId[]) {
  return recordset(
    seen,
    ['key'],
    keys.map((key) => ({ key })),
  )
}
