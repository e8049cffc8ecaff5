import { and, eq, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { activity, grouping, issue, issue_hour, issue_tag, issue_user } from '../tables/issue.ts'
import { report } from '../tables/report.ts'
import { holdIssue, type IssueAddress, type IssueRow } from './hold-issue.ts'

/** Rows of one statement: a few tens of milliseconds of locks nobody else wants. */
const ROWS_MAX = 5_000

/** Where an issue or a grouping stands. */
type Place = Pick<IssueRow, 'project_id' | 'id'>

/**
 * Deletes an issue with everything that was counted of it, and its reports. The archives stay for as long as their days do.
 *
 * 1. In one short transaction it becomes `deleting`, and no key leads to it any more. Workers that count for it are
 *    through by then, or find it gone and look its key up again; the next such event makes a new issue.
 * 2. Its rows go in batches, each a transaction of its own, however many there are.
 * 3. When none is left, the groupings and the issue itself go. Until then they are the note of what is still to do: a
 *    deletion that was killed is finished by calling it again.
 */
export async function deleteIssue(db: Db, address: IssueAddress): Promise<'deleted' | 'unknown_issue'> {
  const place = await db.transaction((tx) => hide(tx, address))
  if (place === null) return 'unknown_issue'
  do {
    for (const one of await groupingsOf(db, place)) await deleteReports(db, one)
    for (const table of [issue_user, issue_tag, issue_hour]) await deleteRows(db, table, place)
  } while (!(await db.transaction((tx) => deleteEmpty(tx, address))))
  return 'deleted'
}

async function hide(tx: Tx, address: IssueAddress): Promise<Place | null> {
  const row = await holdIssue(tx, address)
  if (row === null) return null
  await tx.update(issue).set({ status: 'deleting' }).where(isIssue(row))
  // Its own number in 8 bytes: unlike every other grouping's, and never the 32 of a key's hash.
  await tx
    .update(grouping)
    .set({ key_hash: sql`int8send(${grouping.id})` })
    .where(isGroupingOf(row))
  return row
}

async function groupingsOf(tx: Db | Tx, place: Place): Promise<Place[]> {
  return await tx
    .select({ project_id: grouping.project_id, id: grouping.id })
    .from(grouping)
    .where(isGroupingOf(place))
    .orderBy(grouping.id)
}

/** Day by day, because rows are named by their place in a partition: no name is cheaper. */
async function deleteReports(db: Db, one: Place): Promise<void> {
  for (let day = await firstDay(db, one); day !== null; day = await firstDay(db, one)) {
    await db.execute(sql`
      DELETE FROM report
      WHERE project_id = ${one.project_id} AND day = ${day} AND ctid = ANY (ARRAY(
        SELECT ctid FROM report
        WHERE project_id = ${one.project_id} AND day = ${day} AND grouping_id = ${one.id}
        ORDER BY received_at
        LIMIT ${ROWS_MAX}
      ))`)
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
  const isOfIssue = sql`project_id = ${project_id} AND issue_id = ${id}`
  for (;;) {
    const deleted = await db.execute(sql`
      DELETE FROM ${table}
      WHERE ${isOfIssue} AND ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${isOfIssue} LIMIT ${ROWS_MAX}))`)
    if (deleted.count === 0) return
  }
}

/** Whether the issue is gone. Not while it has reports: they would be nobody's, and nothing would lead to them. */
async function deleteEmpty(tx: Tx, address: IssueAddress): Promise<boolean> {
  const row = await holdIssue(tx, address)
  if (row === null) return true
  for (const one of await groupingsOf(tx, row)) if ((await firstDay(tx, one)) !== null) return false
  await tx.delete(activity).where(and(eq(activity.project_id, row.project_id), eq(activity.issue_id, row.id)))
  await tx.delete(grouping).where(isGroupingOf(row))
  await tx.delete(issue).where(isIssue(row))
  return true
}

function isIssue({ project_id, id }: Place) {
  return and(eq(issue.project_id, project_id), eq(issue.id, id))
}

function isGroupingOf({ project_id, id }: Place) {
  return and(eq(grouping.project_id, project_id), eq(grouping.issue_id, id))
}
