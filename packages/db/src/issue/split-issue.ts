import { eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { activity, issue } from '../tables/issue.ts'
import { project_counter } from '../tables/project.ts'
import { describeNewest } from './describe-newest.ts'
import { holdCounter } from './hold-counter.ts'
import { holdIssues, type IssueAddress, type IssueRow } from './hold-issue.ts'
import { findUnusable, type Unusable } from './merge-issues.ts'
import { eventsByGrouping, moveGroupings, shareOf } from './move-groupings.ts'
import { sumGroupings } from './sum-groupings.ts'

/**
 * `number`: of the new issue. `unknown_grouping`: the issue has none of this id. `no_grouping`: none was named. `no_events`: those
 * named have none. `all_groupings`: all others have none, if there are any. Nobody would find an issue without events.
 */
export type IssueSplit =
  | { outcome: 'split'; issueId: number; number: number }
  | { outcome: 'unknown_grouping'; groupingId: number }
  | { outcome: 'no_grouping' | 'no_events' | 'all_groupings' }
  | Unusable

export interface Split extends IssueAddress {
  groupingIds: readonly number[]
  now: Date
}

/**
 * Makes some groupings of an issue an issue of their own, with all that was ever counted of them; what comes in of theirs
 * feeds that one. It is called after their newest report, or as the one it was split from, and is unresolved, whatever that
 * one is: nobody has judged it yet. Merging it back restores every count.
 */
export async function splitIssue(db: Db, { groupingIds, now, ...address }: Split): Promise<IssueSplit> {
  const { projectId, issueId } = address
  const wanted = [...new Set(groupingIds)]
  if (wanted.length === 0) return { outcome: 'no_grouping' }
  return await db.transaction(async (tx) => {
    await holdCounter(tx, projectId)
    const rows = await holdIssues(tx, projectId, [issueId])
    const unusable = await findUnusable(tx, rows, { projectId, issueIds: [issueId] })
    if (unusable !== null) return unusable
    const row = rows.get(issueId)
    if (row === undefined) return { outcome: 'unknown_issue', issueId }
    const events = await eventsByGrouping(tx, row)
    const unknown = wanted.find((id) => !events.has(id))
    if (unknown !== undefined) return { outcome: 'unknown_grouping', groupingId: unknown }
    const { going, staying } = shareOf(events, wanted)
    if (going === 0) return { outcome: 'no_events' }
    if (staying === 0) return { outcome: 'all_groupings' }
    return await splitOff(tx, { row, groupings: wanted, now })
  })
}

async function splitOff(
  tx: Tx,
  { row, groupings, now }: { row: IssueRow; groupings: readonly number[]; now: Date },
): Promise<IssueSplit> {
  const { project_id } = row
  const made = await makeIssue(tx, row, groupings)
  await moveGroupings(tx, groupings, made)
  await sumGroupings(tx, [row, made], [row])
  await tx.insert(activity).values([
    { project_id, issue_id: row.id, kind: 'split', at: now, data: { into: made.number, groupings } },
    { project_id, issue_id: made.id, kind: 'split', at: now, data: { from: row.number, groupings } },
  ])
  return { outcome: 'split', issueId: made.id, number: made.number }
}

/** Its moments and level are the old one's until its groupings are summed. */
async function makeIssue(tx: Tx, row: IssueRow, groupings: readonly number[]): Promise<IssueRow> {
  const { project_id, title, culprit, type, value, level, first_seen, last_seen } = row
  const called = (await describeNewest(tx, project_id, groupings)) ?? { title, culprit, type, value }
  const [counter] = await tx
    .update(project_counter)
    .set({ issue_number: sql`${project_counter.issue_number} + 1` })
    .where(eq(project_counter.project_id, project_id))
    .returning()
  if (!counter) throw new Error(`project ${project_id} is gone`)
  const number = counter.issue_number
  const [made] = await tx
    .insert(issue)
    .values({ project_id, number, level, first_seen, last_seen, ...called })
    .returning()
  if (!made) throw new Error('an issue was not inserted')
  return made
}
