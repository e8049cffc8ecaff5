import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { identityOf } from '@rumen/protocol/derive-tags'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { countHours } from '../issue/count-hours.ts'
import { countTags } from '../issue/count-tags.ts'
import { countUsers, userKey } from '../issue/count-users.ts'
import { groupingRef, type LockedIssue, lockIssues } from '../issue/lock-issues.ts'
import { type CountedEvent, type GroupingSum, sumGrouping } from '../issue/sum-grouping.ts'
import { updateGroupings } from '../issue/update-groupings.ts'
import type { Day } from '../partition/day.ts'
import { addUpIssues } from './add-up-issues.ts'
import { holdRules } from './hold-rules.ts'
import { takeHours, takeTags } from './take-counts.ts'
import { takeEvents } from './take-events.ts'
import { type LeavingUser, takeUsers } from './take-users.ts'

/** A report that goes to another grouping, with everything that is counted of it. */
export interface MovingReport extends CountedEvent {
  eventId: EventId
  from: number
  to: number
}

export interface ReportsOfDay {
  projectId: ProjectId
  /** Of the rules that say where they go. */
  version: number
  /** The day of all of them. Days are moved oldest first, see `takeUsers`. */
  day: Day
  reports: readonly MovingReport[]
}

/**
 * Moves reports from groupings to others with all that is counted of them, in one transaction: before and after it every
 * counter is what a recount gives. Reports that are not there any more, or not in the grouping they are said to be in, are
 * left alone, and so are those from and to groupings that are gone. Status and timelines of issues stay as they are, however
 * many events they lose or get. Gives how many have moved. Throws `RulesChangedError` if the project has other rules now.
 *
 * As many statements for five hundred reports as for one.
 */
export async function moveReports(db: Db, { projectId, version, day, reports }: ReportsOfDay): Promise<number> {
  if (reports.length === 0) return 0
  return await db.transaction(async (tx) => {
    // Nobody points a grouping elsewhere meanwhile.
    await holdRules(tx, { projectId, version })
    const ids = new Set(reports.flatMap(({ from, to }) => [from, to]))
    const refs = [...ids].map((grouping_id) => ({ project_id: projectId, grouping_id }))
    const locked = await lockIssues(tx, refs)
    const issueOf = (grouping_id: number) => locked.get(groupingRef({ project_id: projectId, grouping_id }))
    const possible = reports.filter(({ from, to }) => issueOf(from) !== undefined && issueOf(to) !== undefined)
    const moved = await pointReports(tx, { projectId, day, reports: possible })
    if (moved.length === 0) return 0
    const came = sumsOf(
      Map.groupBy(moved, ({ to }) => to),
      issueOf,
    )
    const left = sumsOf(
      Map.groupBy(moved, ({ from }) => from),
      issueOf,
    )
    await add(tx, came)
    await take(tx, left)
    const newUsers = await countUsers(
      tx,
      came.flatMap(({ users }) => users),
    )
    const lostUsers = await takeUsers(tx, { projectId, day }, leavingOf(projectId, moved, issueOf))
    const users = [...newUsers, ...lostUsers.map((one) => ({ ...one, users: -one.users }))]
    await addUpIssues(tx, projectId, [...new Set([...came, ...left].map(({ update }) => update.issue_id))], users)
    return moved.length
  })
}

type IssueOf = (groupingId: number) => LockedIssue | undefined

/** The reports that point to their new grouping now. */
async function pointReports(
  tx: Tx,
  { projectId, day, reports }: Omit<ReportsOfDay, 'version'>,
): Promise<readonly MovingReport[]> {
  if (reports.length === 0) return []
  const rows = reports.map(({ eventId, from, to }) => ({ event_id: eventId, from_id: from, to_id: to }))
  const moved = await tx.execute<{ event_id: EventId }>(sql`
    UPDATE report SET grouping_id = r.to_id
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(event_id uuid, from_id bigint, to_id bigint)
    WHERE report.project_id = ${projectId} AND report.day = ${day}::date
      AND report.event_id = r.event_id AND report.grouping_id = r.from_id
    RETURNING replace(report.event_id::text, '-', '') AS event_id`)
  const ids = new Set(moved.map((row) => row.event_id))
  return reports.filter(({ eventId }) => ids.has(eventId))
}

/** What events of each grouping add up to. */
function sumsOf(byGrouping: ReadonlyMap<number, readonly MovingReport[]>, issueOf: IssueOf): GroupingSum[] {
  return Array.from(byGrouping).flatMap(([id, events]) => {
    const issue = issueOf(id)
    return issue === undefined ? [] : [sumGrouping({ project_id: issue.project_id, issue_id: issue.id, id }, events)]
  })
}

async function add(tx: Tx, sums: readonly GroupingSum[]): Promise<void> {
  const updated = await updateGroupings(
    tx,
    sums.map(({ update }) => update),
  )
  if (updated.size !== sums.length) throw new Error('a grouping was moved while its project was locked')
  await countHours(
    tx,
    sums.flatMap(({ hours }) => hours),
  )
  await countTags(
    tx,
    sums.flatMap(({ tags }) => tags),
  )
}

async function take(tx: Tx, sums: readonly GroupingSum[]): Promise<void> {
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
}

function leavingOf(projectId: ProjectId, moved: readonly MovingReport[], issueOf: IssueOf): LeavingUser[] {
  const leaving = new Map<string, LeavingUser>()
  for (const { from, event } of moved) {
    const [identity, issue] = [identityOf(event.user), issueOf(from)]
    if (identity === null || issue === undefined) continue
    const user_key = userKey(projectId, identity)
    leaving.set(`${from} ${user_key}`, { issue_id: issue.id, grouping_id: from, user_key, identity })
  }
  return [...leaving.values()]
}
