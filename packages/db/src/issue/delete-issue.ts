import { and, eq, inArray, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { activity, grouping, issue, issue_hour, issue_tag, issue_user } from '../tables/issue.ts'
import { keeper } from '../tables/keeper.ts'
import { report } from '../tables/report.ts'
import { transact } from '../transact.ts'
import { findMerged } from './find-survivor.ts'
import { holdCounter } from './hold-counter.ts'
import { holdIssues, type IssueAddress, type IssueRow } from './hold-issue.ts'

/** Rows of one statement: a few tens of milliseconds of locks nobody else wants. */
const ROWS_MAX = 5_000

/** Where an issue or a grouping stands. */
type Place = Pick<IssueRow, 'project_id' | 'id'>

/**
 * Deletes an issue with everything that was counted of it, its reports, and the issues that are merged into it, which would
 * be empty. The archives stay for as long as their days do, but what is deleted of them does not come back. One that is merged into another has nothing left to delete:
 * `merged`.
 *
 * 1. In one short transaction they become `deleting`, and no key leads to them any more. Workers that count for them are
 *    through by then, or find them gone and look their keys up again; the next such event makes a new issue.
 * 2. Its rows go in batches, each a transaction of its own, however many there are.
 * 3. When none is left, the groupings and the issues themselves go. Until then they are the note of what is still to do: a
 *    deletion that was killed is finished by calling it again.
 */
export async function deleteIssue(db: Db, address: IssueAddress): Promise<'deleted' | 'unknown_issue' | 'merged'> {
  const place = await transact(db, (tx) => hide(tx, address))
  if (typeof place === 'string') return place
  do {
    for (const one of await groupingsOf(db, place)) {
      await deleteReports(db, one)
      for (const table of [issue_user, issue_tag, issue_hour, keeper]) await deleteRows(db, table, one)
    }
  } while (!(await transact(db, (tx) => deleteEmpty(tx, address))))
  return 'deleted'
}

/** The counter first: a key that takes over an issue just now must not be left leading to it. */
async function hide(tx: Tx, address: IssueAddress): Promise<Place | 'unknown_issue' | 'merged'> {
  await holdCounter(tx, address.projectId)
  const rows = await holdWithMerged(tx, address)
  const row = rows.get(address.issueId)
  if (row === undefined) return 'unknown_issue'
  if (row.merged_into !== null) return 'merged'
  await tx
    .update(issue)
    .set({ status: 'deleting' })
    .where(areIssues(row.project_id, [...rows.keys()]))
  // Its own number in 8 bytes: unlike every other grouping's, and never the 32 of a key's hash.
  await tx
    .update(grouping)
    .set({ key_hash: sql`int8send(${grouping.id})` })
    .where(isGroupingOf(row))
  return row
}

/** An issue and those that lead to it, locked; by id. */
async function holdWithMerged(tx: Tx, address: IssueAddress): Promise<ReadonlyMap<number, IssueRow>> {
  const merged = await findMerged(tx, address)
  return await holdIssues(tx, address.projectId, [address.issueId, ...merged.map(({ issueId }) => issueId)])
}

async function groupingsOf(tx: Db | Tx, place: Place): Promise<Place[]> {
  return await tx
    .select({ project_id: grouping.project_id, id: grouping.id })
    .from(grouping)
    .where(isGroupingOf(place))
    .orderBy(grouping.id)
}

/**
 * Day by day, because rows are named by their place in a partition: no name is cheaper. What goes is noted in the same
 * statement: nobody who reads the archives again brings it back.
 */
async function deleteReports(db: Db, one: Place): Promise<void> {
  for (let day = await firstDay(db, one); day !== null; day = await firstDay(db, one)) {
    const ofDay = sql`
      WITH gone AS (
        DELETE FROM report
        WHERE project_id = ${one.project_id} AND day = ${day} AND ctid = ANY (ARRAY(
          SELECT ctid FROM report
          WHERE project_id = ${one.project_id} AND day = ${day} AND grouping_id = ${one.id}
          ORDER BY received_at
          LIMIT ${ROWS_MAX}
        ))
        RETURNING project_id, day, archive_hash, item_index
      )
      INSERT INTO suppressed (project_id, day, archive_hash, item_index, reason)
      SELECT project_id, day, archive_hash, item_index, 'issue_deleted' FROM gone
      ORDER BY day, archive_hash, item_index
      ON CONFLICT DO NOTHING`
    await transact(db, (tx) => tx.execute(ofDay))
  }
}

/** A day with reports of a grouping. By the order the index has: without one, a plan would rather read whole partitions. */
async function firstDay(tx: Db | Tx, { project_id, id }: Place): Promise<Day | null> {
  const [row] = await tx
    .select({ day: report.day })
    .from(report)
    .where(and(eq(report.project_id, project_id), eq(report.grouping_id, id)))
    .orderBy(report.received_at)
    .limit(1)
  return row?.day ?? null
}

async function deleteRows(db: Db, table: PgTable, { project_id, id }: Place): Promise<void> {
  const isOfGrouping = sql`project_id = ${project_id} AND grouping_id = ${id}`
  for (;;) {
    const batch = sql`
      DELETE FROM ${table}
      WHERE ${isOfGrouping} AND ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${isOfGrouping} LIMIT ${ROWS_MAX}))`
    const deleted = await transact(db, (tx) => tx.execute(batch))
    if (deleted.count === 0) return
  }
}

/** Whether the issue is gone. Not while it has reports: they would be nobody's, and nothing would lead to them. */
async function deleteEmpty(tx: Tx, address: IssueAddress): Promise<boolean> {
  const rows = await holdWithMerged(tx, address)
  const row = rows.get(address.issueId)
  if (row === undefined) return true
  for (const one of await groupingsOf(tx, row)) if ((await firstDay(tx, one)) !== null) return false
  const ids = [...rows.keys()]
  await tx.delete(activity).where(and(eq(activity.project_id, row.project_id), inArray(activity.issue_id, ids)))
  await tx.delete(grouping).where(isGroupingOf(row))
  await tx.delete(issue).where(areIssues(row.project_id, ids))
  return true
}

function areIssues(projectId: number, ids: number[]) {
  return and(eq(issue.project_id, projectId), inArray(issue.id, ids))
}

function isGroupingOf({ project_id, id }: Place) {
  return and(eq(grouping.project_id, project_id), eq(grouping.issue_id, id))
}
