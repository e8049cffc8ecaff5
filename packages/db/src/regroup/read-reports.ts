import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** A report, as far as it is grouped and counted. */
export interface StoredReport {
  eventId: EventId
  /** Of its archive, 64 hexadecimal characters. */
  hash: string
  itemIndex: number
  groupingId: number
  receivedAt: Date
  occurredAt: Date
  /** Index into LEVELS. */
  level: number
  /** Where the next page goes on. */
  place: ReportPlace
}

/** Place of a report among those of its project's day. */
interface ReportPlace {
  groupingId: number
  /** As PostgreSQL writes it, to the microsecond. */
  receivedAt: string
  eventId: EventId
}

/**
 * At most so many reports of a project's day behind a place, null for the first ones: by grouping, then as they came. The
 * events of one archive stand together.
 */
export async function readReports(
  db: Db,
  { projectId, day, after, countMax }: { projectId: ProjectId; day: Day; after: ReportPlace | null; countMax: number },
): Promise<readonly StoredReport[]> {
  const isBehind =
    after === null
      ? sql``
      : sql`AND (report.grouping_id, report.received_at, report.event_id)
          > (${after.groupingId}::bigint, ${after.receivedAt}::timestamptz, ${after.eventId}::uuid)`
  // Columns with their table's name: two of what is given are texts of the same names, and texts are in another order.
  const page = sql`
    SELECT replace(event_id::text, '-', '') AS event_id, encode(archive_hash, 'hex') AS hash, item_index, grouping_id, level,
      received_at::text, (extract(epoch FROM received_at) * 1000)::float8 AS received_ms,
      (extract(epoch FROM occurred_at) * 1000)::float8 AS occurred_ms
    FROM report
    WHERE project_id = ${projectId} AND day = ${day}::date ${isBehind}
    ORDER BY report.grouping_id, report.received_at, report.event_id
    LIMIT ${countMax}`
  const rows = await db.transaction(async (tx) => {
    // Nobody knows how many rows are behind a place: expecting few, a plan would read and sort the whole day for each page.
    await tx.execute(sql`SET LOCAL enable_sort = off`)
    return await tx.execute<ReportRecord>(page)
  })
  return rows.map((row) => {
    const groupingId = Number(row.grouping_id)
    return {
      eventId: row.event_id,
      hash: row.hash,
      itemIndex: row.item_index,
      groupingId,
      receivedAt: new Date(row.received_ms),
      occurredAt: new Date(row.occurred_ms),
      level: row.level,
      place: { groupingId, receivedAt: row.received_at, eventId: row.event_id },
    }
  })
}

interface ReportRecord extends Record<string, unknown> {
  event_id: EventId
  hash: string
  item_index: number
  grouping_id: string
  level: number
  received_at: string
  received_ms: number
  occurred_ms: number
}
