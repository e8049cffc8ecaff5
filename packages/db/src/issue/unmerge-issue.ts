import { and, desc, eq, sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { activity, grouping, issue } from '../tables/issue.ts'
import { findSurvivor } from './find-survivor.ts'
import { holdCounter } from './hold-counter.ts'
import { holdIssues, type IssueAddress, type IssueRow } from './hold-issue.ts'
import { eventsByGrouping, moveGroupings, shareOf } from './move-groupings.ts'
import { reopenIfSeenSince } from './reopen-if-seen-since.ts'
import { sumGroupings } from './sum-groupings.ts'

/**
 * `from`, `into`: the number of the issue it led to. `nothing_left`: all it brought along was moved on since, by splits and
 * by other unmerges. `no_events`: what is left of that has none, other rules grouped them with others, or they were split off.
 * `nothing_would_stay`: all events of the other issue are in what would go. Nobody would find an issue without events.
 */
export type IssueUnmerged =
  | { outcome: 'unmerged'; from: number }
  | { outcome: 'unknown_issue' | 'deleting' | 'not_merged' }
  | { outcome: 'nothing_left' | 'no_events' | 'nothing_would_stay'; into: number }

/**
 * Undoes a merge: what the issue brought along goes back to it, from wherever that was merged to since, with all that was
 * counted of it before and after. Groupings that were split off since stay where they are; those that took over from one it
 * brought along, when the project moved to other rules, come too.
 *
 * It has its own status again. If it is resolved and has happened since, it is unresolved, as without the merge.
 */
export async function unmergeIssue(db: Db, { now, ...address }: IssueAddress & { now: Date }): Promise<IssueUnmerged> {
  return await db.transaction(async (tx) => {
    await holdCounter(tx, address.projectId)
    // Nobody else merges or unmerges issues of the project now: what it leads to stays what it is.
    const survivor = await findSurvivor(tx, address)
    if (survivor === null) return { outcome: 'unknown_issue' }
    const rows = await holdIssues(tx, address.projectId, [address.issueId, survivor.issueId])
    const [row, root] = [rows.get(address.issueId), rows.get(survivor.issueId)]
    if (row === undefined || root === undefined) return { outcome: 'unknown_issue' }
    if (row.status === 'deleting') return { outcome: 'deleting' }
    if (row.merged_into === null) return { outcome: 'not_merged' }
    return await moveBack(tx, { row, root, now })
  })
}

async function moveBack(
  tx: Tx,
  { row, root, now }: { row: IssueRow; root: IssueRow; now: Date },
): Promise<IssueUnmerged> {
  const { project_id } = row
  const groupings = await descendantsAt(tx, root, await broughtAlong(tx, row))
  if (groupings.length === 0) return { outcome: 'nothing_left', into: root.number }
  const { going, staying } = shareOf(await eventsByGrouping(tx, root), groupings)
  if (going === 0) return { outcome: 'no_events', into: root.number }
  if (staying === 0) return { outcome: 'nothing_would_stay', into: root.number }
  await moveGroupings(tx, groupings, row)
  const isRow = and(eq(issue.project_id, project_id), eq(issue.id, row.id))
  await tx.update(issue).set({ merged_into: null }).where(isRow)
  await sumGroupings(tx, [row, root], [root])
  await tx.insert(activity).values([
    { project_id, issue_id: row.id, kind: 'unmerged', at: now, data: { from: root.number, groupings } },
    { project_id, issue_id: root.id, kind: 'unmerged', at: now, data: { into: row.number, groupings } },
  ])
  await reopenIfSeenSince(tx, row, { newest: await tx.select().from(issue).where(isRow), now })
  return { outcome: 'unmerged', from: root.number }
}

/** The groupings it had when it was merged, which its timeline has kept. */
async function broughtAlong(tx: Tx, { project_id, id }: IssueRow): Promise<readonly number[]> {
  const isItsOwn = sql`${activity.data}->'groupings' IS NOT NULL`
  const [merged] = await tx
    .select({ groupings: sql<number[]>`${activity.data}->'groupings'` })
    .from(activity)
    .where(and(eq(activity.project_id, project_id), eq(activity.issue_id, id), eq(activity.kind, 'merged'), isItsOwn))
    .orderBy(desc(activity.id))
    .limit(1)
  return merged?.groupings ?? []
}

/** Groupings of an issue that are some of these, or took over from one of them, or from one that did. */
async function descendantsAt(tx: Tx, { project_id, id }: IssueRow, ancestors: readonly number[]): Promise<number[]> {
  const wanted = ancestors.map((ancestor) => ({ id: ancestor }))
  const rows = await tx.execute<{ id: string }>(sql`
    WITH RECURSIVE line AS (
      SELECT id, id AS ancestor FROM grouping WHERE project_id = ${project_id} AND issue_id = ${id}
      UNION
      SELECT line.id, grouping.adopted_from
      FROM line JOIN grouping ON grouping.project_id = ${project_id} AND grouping.id = line.ancestor
      WHERE grouping.adopted_from IS NOT NULL
    )
    SELECT DISTINCT line.id
    FROM line JOIN ${recordset(grouping, ['id'], wanted)} ON r.id = line.ancestor
    ORDER BY line.id`)
  return rows.map((row) => Number(row.id))
}
