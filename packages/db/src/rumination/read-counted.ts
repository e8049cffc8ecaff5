import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { LEVELS, type Tag } from '@rumen/protocol/event'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { CountedEvent } from '../issue/sum-grouping.ts'
import type { Day } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { report } from '../tables/report.ts'

/** A stored report, and what was counted of it. */
export interface CountedReport extends CountedEvent {
  eventId: EventId
  groupingId: number
}

/** The groupings of some reports of a day, each once. */
export async function readGroupings(
  tx: Tx,
  place: { projectId: ProjectId; day: Day },
  eventIds: readonly EventId[],
): Promise<readonly number[]> {
  if (eventIds.length === 0) return []
  const rows = await tx.execute<{ id: string }>(sql`
    SELECT DISTINCT report.grouping_id AS id ${storedReports(place, eventIds)}`)
  return rows.map(({ id }) => Number(id))
}

/** Those reports as they stand, locked until the transaction ends; by their events' ids, those that exist. */
export async function readCounted(
  tx: Tx,
  place: { projectId: ProjectId; day: Day },
  eventIds: readonly EventId[],
): Promise<ReadonlyMap<EventId, CountedReport>> {
  if (eventIds.length === 0) return new Map()
  const rows = await tx.execute<CountedRecord>(sql`
    SELECT replace(report.event_id::text, '-', '') AS event_id, report.grouping_id, report.level,
      (extract(epoch FROM report.received_at) * 1000)::float8 AS received_ms,
      (extract(epoch FROM report.occurred_at) * 1000)::float8 AS occurred_ms,
      (
        SELECT value FROM dim_release
        WHERE dim_release.project_id = report.project_id AND dim_release.id = report.release_id
      ) AS release,
      (
        SELECT json_build_object('id', u.user_id, 'email', u.email, 'username', u.username, 'ip', u.ip)
        FROM dim_user AS u
        WHERE u.project_id = report.project_id AND u.id = report.user_id
      ) AS person,
      (
        SELECT json_agg(json_build_object('key', tag.tag_key, 'value', tag.tag_value))
        FROM unnest(report.tag_ids) AS one(id)
        JOIN tag ON tag.project_id = report.project_id AND tag.id = one.id
      ) AS tags
    ${storedReports(place, eventIds)}
    ORDER BY report.event_id
    FOR UPDATE OF report`)
  return new Map(rows.map((row) => [row.event_id, countedOf(row)]))
}

function storedReports({ projectId, day }: { projectId: ProjectId; day: Day }, eventIds: readonly EventId[]) {
  const wanted = eventIds.map((event_id) => ({ event_id }))
  return sql`
    FROM ${recordset(report, ['event_id'], wanted)}
    JOIN report ON report.project_id = ${projectId} AND report.event_id = r.event_id AND report.day = ${day}::date`
}

interface CountedRecord extends Record<string, unknown> {
  event_id: EventId
  grouping_id: string
  level: number
  received_ms: number
  occurred_ms: number
  release: string | null
  person: CountedEvent['event']['user'] | null
  tags: readonly Tag[] | null
}

const NOBODY = { id: null, email: null, username: null, ip: null }

function countedOf(row: CountedRecord): CountedReport {
  return {
    eventId: row.event_id,
    groupingId: Number(row.grouping_id),
    receivedAt: new Date(row.received_ms),
    event: {
      occurredAt: new Date(row.occurred_ms),
      level: LEVELS[row.level] ?? 'error',
      release: row.release,
      user: row.person ?? NOBODY,
      tags: row.tags ?? [],
    },
  }
}
