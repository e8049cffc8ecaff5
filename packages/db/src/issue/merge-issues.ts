import type { ProjectId } from '@rumen/protocol/brand'
import { and, eq, inArray } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import { activity, issue } from '../tables/issue.ts'
import { findSurvivor } from './find-survivor.ts'
import { holdCounter } from './hold-counter.ts'
import { holdIssues, type IssueRow } from './hold-issue.ts'
import { groupingsOfEach, moveGroupings } from './move-groupings.ts'
import { reopenIfSeenSince } from './reopen-if-seen-since.ts'
import { sumGroupings } from './sum-groupings.ts'

/**
 * Why an issue cannot be merged, split or unmerged: there is none of this id in the project; it waits for the rest of its
 * deletion; it is merged into another already, and `into` is the number of the issue that leads to.
 */
export type Unusable =
  | { outcome: 'unknown_issue' | 'deleting'; issueId: number }
  | { outcome: 'already_merged'; issueId: number; into: number }

export type IssuesMerged = { outcome: 'merged' } | { outcome: 'itself'; issueId: number } | Unusable

export interface Merge {
  projectId: ProjectId
  issueIds: readonly number[]
  /** The one that survives. */
  into: number
  now: Date
}

/**
 * Merges issues into another one of their project, all of them or none: their groupings point there from now on, with all
 * that was ever counted of them, and so does what comes in this very moment. They keep their numbers, status, muting and
 * timelines, for `unmergeIssue`.
 *
 * The survivor keeps its status, with one exception: if it is resolved, and an unresolved issue that comes to it has happened
 * since, it is unresolved again. A mute for a number of further events still waits for as many.
 */
export async function mergeIssues(db: Db, { projectId, issueIds, into, now }: Merge): Promise<IssuesMerged> {
  const wanted = [...new Set(issueIds)]
  if (wanted.includes(into)) return { outcome: 'itself', issueId: into }
  return await db.transaction(async (tx) => {
    await holdCounter(tx, projectId)
    const rows = await holdIssues(tx, projectId, [...wanted, into])
    const unusable = await findUnusable(tx, rows, { projectId, issueIds: [into, ...wanted] })
    if (unusable !== null) return unusable
    const survivor = rows.get(into)
    const merged = wanted.flatMap((id) => rows.get(id) ?? [])
    if (survivor !== undefined && merged.length > 0) await mergeInto(tx, { survivor, merged, now })
    return { outcome: 'merged' }
  })
}

/** The first of some issues that is none to move groupings from or to. */
export async function findUnusable(
  tx: Tx,
  rows: ReadonlyMap<number, IssueRow>,
  { projectId, issueIds }: { projectId: ProjectId; issueIds: readonly number[] },
): Promise<Unusable | null> {
  for (const issueId of issueIds) {
    const row = rows.get(issueId)
    if (row === undefined) return { outcome: 'unknown_issue', issueId }
    if (row.status === 'deleting') return { outcome: 'deleting', issueId }
    if (row.merged_into === null) continue
    const survivor = await findSurvivor(tx, { projectId, issueId })
    return { outcome: 'already_merged', issueId, into: survivor?.number ?? row.number }
  }
  return null
}

async function mergeInto(
  tx: Tx,
  { survivor, merged, now }: { survivor: IssueRow; merged: readonly IssueRow[]; now: Date },
): Promise<void> {
  const { project_id } = survivor
  const groupings = await groupingsOfEach(tx, merged)
  await moveGroupings(tx, [...groupings.values()].flat(), survivor)
  const ids = merged.map(({ id }) => id)
  await tx
    .update(issue)
    .set({ merged_into: survivor.id })
    .where(and(eq(issue.project_id, project_id), inArray(issue.id, ids)))
  const happened = { project_id, kind: 'merged', at: now }
  const told = merged.flatMap(({ id, number }) => [
    { ...happened, issue_id: id, data: { into: survivor.number, groupings: groupings.get(id) ?? [] } },
    { ...happened, issue_id: survivor.id, data: { from: number } },
  ])
  await insertRows(tx, activity, told)
  await sumGroupings(tx, [survivor, ...merged], [survivor])
  await reopenIfSeenSince(tx, survivor, { newest: merged.filter(({ status }) => status === 'unresolved'), now })
}
