import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import { groupingRef, lockIssues } from '../issue/lock-issues.ts'
import type { CountedEvent } from '../issue/sum-grouping.ts'
import type { Day } from '../partition/day.ts'
import { columnList, type Row, recordset } from '../recordset.ts'
import { PassingError } from '../sql-state.ts'
import { report } from '../tables/report.ts'
import { REPORT_COLUMNS } from './compare-reports.ts'
import { readCounted, readGroupings } from './read-counted.ts'
import { asCounted, type Recounted, recount } from './recount.ts'

/** A report as it should be: all columns but the grouping's, and what is counted of it. */
export interface WantedReport {
  eventId: EventId
  row: Row
  counted: CountedEvent
}

export interface ReportChanges {
  projectId: ProjectId
  /** Of all of them. */
  day: Day
  changed: readonly WantedReport[]
  added: readonly (WantedReport & { groupingId: number })[]
  removed: readonly EventId[]
}

/**
 * Changes, adds and removes reports together with all that is counted of them. Reports of issues that are being deleted are left
 * alone. The transaction holds the project's rules (`holdRules`), so that nobody points a grouping elsewhere meanwhile, and
 * has claimed what is added. Throws a PassingError when an issue that something is added to was deleted meanwhile. Gives the
 * events whose reports were removed.
 */
export async function changeReports(tx: Tx, changes: ReportChanges): Promise<readonly EventId[]> {
  const { projectId, changed, added, removed } = changes
  const standing = [...changed.map(({ eventId }) => eventId), ...removed]
  if (standing.length + added.length === 0) return []
  const groupings = await readGroupings(tx, changes, standing)
  const ids = new Set([...groupings, ...added.map(({ groupingId }) => groupingId)])
  const locked = await lockIssues(
    tx,
    [...ids].map((grouping_id) => ({ project_id: projectId, grouping_id })),
  )
  const isLocked = (grouping_id: number) => locked.has(groupingRef({ project_id: projectId, grouping_id }))
  if (added.some(({ groupingId }) => !isLocked(groupingId))) {
    throw new PassingError('an issue was deleted while its events were read again')
  }
  const stored = new Map(
    (await readCounted(tx, changes, standing)).entries().filter(([, { groupingId }]) => isLocked(groupingId)),
  )
  const possible = changed.filter(({ eventId }) => stored.has(eventId))
  const gone = removed.filter((eventId) => stored.has(eventId))
  await updateReports(tx, changes, possible)
  await deleteReports(tx, changes, gone)
  await insertRows(
    tx,
    report,
    added.map(({ row, groupingId }) => ({ ...row, grouping_id: groupingId })),
  )
  const recounted = [
    ...possible.flatMap(({ eventId, counted }): Recounted[] => {
      const before = stored.get(eventId)
      return before ? [{ groupingId: before.groupingId, before: asCounted(before, counted), after: counted }] : []
    }),
    ...gone.flatMap((eventId): Recounted[] => {
      const before = stored.get(eventId)
      return before ? [{ groupingId: before.groupingId, before, after: null }] : []
    }),
    ...added.map(({ groupingId, counted }): Recounted => ({ groupingId, before: null, after: counted })),
  ]
  await recount(tx, { ...changes, locked }, recounted)
  return gone
}

async function updateReports(
  tx: Tx,
  { projectId, day }: ReportChanges,
  changed: readonly WantedReport[],
): Promise<void> {
  if (changed.length === 0) return
  const rows = changed.map(({ row }) => row)
  await tx.execute(sql`
    UPDATE report SET (${columnList(REPORT_COLUMNS)}) = ROW(${columnList(REPORT_COLUMNS, 'r.')})
    FROM ${recordset(report, ['event_id', ...REPORT_COLUMNS], rows)}
    WHERE report.project_id = ${projectId} AND report.day = ${day}::date AND report.event_id = r.event_id`)
}

async function deleteReports(tx: Tx, { projectId, day }: ReportChanges, gone: readonly EventId[]): Promise<void> {
  if (gone.length === 0) return
  const rows = gone.map((event_id) => ({ event_id }))
  await tx.execute(sql`
    DELETE FROM report
    USING ${recordset(report, ['event_id'], rows)}
    WHERE report.project_id = ${projectId} AND report.day = ${day}::date AND report.event_id = r.event_id`)
}
