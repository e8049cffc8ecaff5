import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { identityOf } from '@rumen/protocol/derive-tags'
import { LEVELS, type User } from '@rumen/protocol/event'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import { archiveAddress } from '../archive/read-archives.ts'
import type { Db, Tx } from '../connect.ts'
import { userKey } from '../issue/count-users.ts'
import { groupingRef, type LockedIssue, lockIssues } from '../issue/lock-issues.ts'
import { type CountedEvent, type GroupingSum, sumGrouping } from '../issue/sum-grouping.ts'
import type { Day } from '../partition/day.ts'
import { addUpIssues } from '../regroup/add-up-issues.ts'
import { takeHours, takeTags } from '../regroup/take-counts.ts'
import { takeEvents } from '../regroup/take-events.ts'
import { type LeavingUser, takeUsers } from '../regroup/take-users.ts'
import { transact } from '../transact.ts'
import { type Erasure, noteErased } from './begin-erasure.ts'
import { eraseArchivesIn } from './erase-archives.ts'

/** Of one transaction, which holds their issues as long. */
const REPORTS_MAX = 500

/** A report as far as it was counted. */
interface CountedReport extends CountedEvent {
  eventId: EventId
  groupingId: number
  archive: ArchiveAddress
}

/**
 * Erases the reports of a day that name the person, and those of archives that were erased unless they name somebody else,
 * with all that is counted of them; and what was sent about their events apart from them. `newUserIds` are rows that name the
 * person and were made since the erasure began: later events have them too, which stay. Days are taken oldest first, see
 * `takeUsers`. Counters equal a recount before and after each of its transactions.
 */
export async function eraseReports(
  db: Db,
  erasure: Erasure,
  { day, newUserIds }: { day: Day; newUserIds: readonly number[] },
): Promise<void> {
  for (;;) {
    const reports = await readReports(db, erasure, { day, newUserIds })
    if (reports.length === 0) return
    await transact(db, async (tx) => {
      const taken = await takeReports(tx, erasure.person.projectId, { day, reports })
      await eraseArchivesIn(tx, erasure, await archivesOf(tx, erasure.person.projectId, taken))
      await noteErased(tx, erasure, { report: taken.length })
    })
  }
}

async function readReports(
  db: Db,
  { person: { projectId }, userIds }: Erasure,
  { day, newUserIds }: { day: Day; newUserIds: readonly number[] },
): Promise<readonly CountedReport[]> {
  const isIn = (ids: readonly number[]) =>
    sql`IN (SELECT json_array_elements_text(${JSON.stringify(ids)}::json)::bigint)`
  // The issue's row is missing while it is deleted: that takes its reports along.
  const rows = await db.execute<ReportRecord>(sql`
    WITH erased AS MATERIALIZED (
      SELECT archive_hash FROM suppressed
      WHERE project_id = ${projectId} AND day = ${day}::date AND item_index = -1 AND reason = 'person_erased'
    ),
    found AS MATERIALIZED (
      SELECT report.* FROM report
      WHERE report.project_id = ${projectId} AND report.day = ${day}::date
        AND (report.user_id ${isIn(userIds)}
          OR ((report.user_id IS NULL OR report.user_id ${isIn(newUserIds)})
            AND report.archive_hash IN (SELECT archive_hash FROM erased)))
        AND EXISTS (
          SELECT FROM grouping JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id
          WHERE grouping.project_id = report.project_id AND grouping.id = report.grouping_id AND issue.status <> 'deleting'
        )
      LIMIT ${REPORTS_MAX}
    )
    SELECT replace(found.event_id::text, '-', '') AS event_id, encode(found.archive_hash, 'hex') AS hash, found.grouping_id,
      (extract(epoch FROM found.received_at) * 1000)::float8 AS received_ms,
      (extract(epoch FROM found.occurred_at) * 1000)::float8 AS occurred_ms, found.level,
      dim_release.value AS release, u.user_id, u.email, u.username, u.ip,
      (
        SELECT coalesce(json_agg(json_build_object('key', tag.tag_key, 'value', tag.tag_value)), '[]')
        FROM unnest(found.tag_ids) AS tag_id
        JOIN tag ON tag.project_id = found.project_id AND tag.id = tag_id
      ) AS tags
    FROM found
    LEFT JOIN dim_release ON dim_release.project_id = found.project_id AND dim_release.id = found.release_id
    LEFT JOIN dim_user AS u ON u.project_id = found.project_id AND u.id = found.user_id`)
  return rows.map((row) => ({
    eventId: row.event_id,
    groupingId: Number(row.grouping_id),
    archive: { projectId, day, hash: row.hash },
    receivedAt: new Date(row.received_ms),
    event: {
      occurredAt: new Date(row.occurred_ms),
      level: LEVELS[row.level] ?? 'error',
      release: row.release,
      tags: row.tags,
      user: { id: row.user_id, email: row.email, username: row.username, ip: row.ip },
    },
  }))
}

interface ReportRecord extends Record<string, unknown> {
  event_id: EventId
  hash: string
  grouping_id: string
  received_ms: number
  occurred_ms: number
  level: number
  release: string | null
  user_id: string | null
  email: string | null
  username: string | null
  ip: string | null
  tags: { key: string; value: string }[]
}

/** Deletes them and takes them out of every count; those that are still there. */
async function takeReports(
  tx: Tx,
  projectId: ProjectId,
  { day, reports }: { day: Day; reports: readonly CountedReport[] },
): Promise<readonly CountedReport[]> {
  const refs = [...new Set(reports.map(({ groupingId }) => groupingId))].map((grouping_id) => ({
    project_id: projectId,
    grouping_id,
  }))
  const locked = await lockIssues(tx, refs)
  const issueOf = (grouping_id: number) => locked.get(groupingRef({ project_id: projectId, grouping_id }))
  const possible = reports.filter(({ groupingId }) => issueOf(groupingId) !== undefined)
  const taken = await deleteReports(tx, projectId, { day, reports: possible })
  const sums = sumsOf(taken, issueOf)
  await takeEvents(
    tx,
    sums.map(({ update }) => update),
  )
  await takeHours(
    tx,
    sums.flatMap(({ hours }) => hours),
  )
  await takeTags(
    tx,
    sums.flatMap(({ tags }) => tags),
  )
  const users = await takeUsers(tx, { projectId, day }, leavingOf(projectId, taken, issueOf))
  const lost = users.map((one) => ({ ...one, users: -one.users }))
  await addUpIssues(tx, projectId, [...new Set(sums.map(({ update }) => update.issue_id))], lost)
  return taken
}

/** Only while they are in the grouping they were read in: one that was moved meanwhile is found again. */
async function deleteReports(
  tx: Tx,
  projectId: ProjectId,
  { day, reports }: { day: Day; reports: readonly CountedReport[] },
): Promise<readonly CountedReport[]> {
  const rows = reports.map(({ eventId, groupingId }) => ({ event_id: eventId, grouping_id: groupingId }))
  const gone = await tx.execute<{ event_id: EventId }>(sql`
    DELETE FROM report
    USING json_to_recordset(${JSON.stringify(rows)}::json) AS r(event_id uuid, grouping_id bigint)
    WHERE report.project_id = ${projectId} AND report.day = ${day}::date
      AND report.event_id = r.event_id AND report.grouping_id = r.grouping_id
    RETURNING replace(report.event_id::text, '-', '') AS event_id`)
  const ids = new Set(gone.map(({ event_id }) => event_id))
  return reports.filter(({ eventId }) => ids.has(eventId))
}

type IssueOf = (groupingId: number) => LockedIssue | undefined

function sumsOf(reports: readonly CountedReport[], issueOf: IssueOf): GroupingSum[] {
  return [...Map.groupBy(reports, ({ groupingId }) => groupingId)].flatMap(([id, events]) => {
    const issue = issueOf(id)
    return issue === undefined ? [] : [sumGrouping({ project_id: issue.project_id, issue_id: issue.id, id }, events)]
  })
}

function leavingOf(projectId: ProjectId, reports: readonly CountedReport[], issueOf: IssueOf): LeavingUser[] {
  const leaving = new Map<string, LeavingUser>()
  for (const { groupingId, event } of reports) {
    const [identity, issue] = [identityOf(event.user satisfies User), issueOf(groupingId)]
    if (identity === null || issue === undefined) continue
    const user_key = userKey(projectId, identity)
    leaving.set(`${groupingId} ${user_key}`, { issue_id: issue.id, grouping_id: groupingId, user_key, identity })
  }
  return [...leaving.values()]
}

/** Their own archives, and those of files and feedback that came apart from them. */
async function archivesOf(
  tx: Tx,
  projectId: ProjectId,
  reports: readonly CountedReport[],
): Promise<readonly ArchiveAddress[]> {
  if (reports.length === 0) return []
  const ids = JSON.stringify(reports.map(({ eventId }) => eventId))
  const about = sql`project_id = ${projectId}
    AND event_id IN (SELECT json_array_elements_text(${ids}::json)::uuid)`
  const rows = await tx.execute<{ day: Day; hash: string }>(sql`
    SELECT day::text AS day, encode(archive_hash, 'hex') AS hash FROM attachment WHERE ${about}
    UNION SELECT day::text, encode(archive_hash, 'hex') FROM feedback WHERE ${about}
    UNION SELECT day::text, encode(archive_hash, 'hex') FROM keeper WHERE ${about}`)
  const all = [...reports.map(({ archive }) => archive), ...rows.map((row) => ({ projectId, ...row }))]
  return [...new Map(all.map((one) => [archiveAddress(one), one])).values()]
}
