import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import { getTableConfig } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { columnList, type Row, recordset } from '../recordset.ts'
import { report } from '../tables/report.ts'

/** The address of a report, when it came in and was digested first, and what regrouping sees to. */
const NOT_COMPARED = new Set([
  'project_id',
  'event_id',
  'day',
  'archive_hash',
  'received_at',
  'digested_at',
  'grouping_id',
])

/** What an event's report says of it, column by column. */
export const REPORT_COLUMNS: readonly string[] = getTableConfig(report)
  .columns.map(({ name }) => name)
  .filter((name) => !NOT_COMPARED.has(name))

/** How the stored report of an event stands to the one it should have. */
export interface ComparedReport {
  eventId: EventId
  /** Of the archive it should be of, 64 hexadecimal characters. */
  hash: string
  /** `elsewhere`: the same day's report of the event is of another archive. */
  state: 'same' | 'differs' | 'missing' | 'elsewhere'
  /** In hexadecimal, of the grouping it has; null where there is no report. */
  keyHash: string | null
  /** Of a report that differs: the stored columns that do, as JSON has them. */
  stored: Readonly<Record<string, unknown>> | null
}

/** Compares rows of one day, with all columns but the grouping's, with what is stored; in no order. */
export async function compareReports(
  db: Db | Tx,
  { projectId, day }: { projectId: ProjectId; day: Day },
  rows: readonly Row[],
): Promise<readonly ComparedReport[]> {
  if (rows.length === 0) return []
  // MATERIALIZED: folded into what reads it, each row would be made JSON of once for every column that is compared.
  const compared = await db.execute<ComparedRecord>(sql`
    WITH found AS MATERIALIZED (
      SELECT replace(r.event_id::text, '-', '') AS event_id, encode(r.archive_hash, 'hex') AS hash,
        encode(grouping.key_hash, 'hex') AS key_hash, state,
        CASE WHEN state = 'differs' THEN to_jsonb(known) END AS known,
        CASE WHEN state = 'differs' THEN to_jsonb(wanted) END AS wanted
      FROM ${recordset(report, ['event_id', 'archive_hash', ...REPORT_COLUMNS], rows)}
      LEFT JOIN report ON report.project_id = ${projectId} AND report.event_id = r.event_id AND report.day = ${day}::date
      LEFT JOIN grouping ON grouping.project_id = ${projectId} AND grouping.id = report.grouping_id
      CROSS JOIN LATERAL (SELECT ${columnList(REPORT_COLUMNS, 'report.')}) AS known
      CROSS JOIN LATERAL (SELECT ${columnList(REPORT_COLUMNS, 'r.')}) AS wanted
      CROSS JOIN LATERAL (
        SELECT CASE
          WHEN report.event_id IS NULL THEN 'missing'
          WHEN report.archive_hash <> r.archive_hash THEN 'elsewhere'
          WHEN (${columnList(REPORT_COLUMNS, 'report.')}) IS DISTINCT FROM (${columnList(REPORT_COLUMNS, 'r.')})
            THEN 'differs'
          ELSE 'same'
        END AS state
      ) AS standing
    )
    SELECT event_id, hash, key_hash, state, CASE WHEN state = 'differs' THEN (
        SELECT jsonb_object_agg(one.key, one.value)
        FROM jsonb_each(found.known) AS one
        WHERE one.value IS DISTINCT FROM found.wanted->one.key
      ) END AS stored
    FROM found`)
  return compared.map(({ event_id, hash, state, key_hash, stored }) => ({
    eventId: event_id,
    hash,
    state,
    keyHash: key_hash,
    stored,
  }))
}

interface ComparedRecord extends Record<string, unknown> {
  event_id: EventId
  hash: string
  state: ComparedReport['state']
  key_hash: string | null
  stored: Record<string, unknown> | null
}
