import { and, eq, sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'
import type { IssueRow } from './hold-issue.ts'

type Place = Pick<IssueRow, 'project_id' | 'id'>

/** How many events each grouping of an issue has, by its id. Nobody counts one as long as the issue is locked. */
export async function eventsByGrouping(tx: Tx, { project_id, id }: Place): Promise<ReadonlyMap<number, number>> {
  const rows = await tx
    .select({ id: grouping.id, events: grouping.event_count })
    .from(grouping)
    .where(and(eq(grouping.project_id, project_id), eq(grouping.issue_id, id)))
  return new Map(rows.map((row) => [row.id, row.events]))
}

/**
 * How many events would go with some groupings of an issue, and how many would stay. Groupings say little: those whose reports
 * went to other keys have none, and an issue without events is nobody's.
 */
export function shareOf(
  events: ReadonlyMap<number, number>,
  ids: readonly number[],
): { going: number; staying: number } {
  const sum = (some: Iterable<number>) => Array.from(some).reduce((total, one) => total + one, 0)
  const going = sum(ids.map((id) => events.get(id) ?? 0))
  return { going, staying: sum(events.values()) - going }
}

/** Ids of the groupings of issues of one project, in the order they were made, by issue; those that have none are left out. */
export async function groupingsOfEach(tx: Tx, places: readonly Place[]): Promise<ReadonlyMap<number, number[]>> {
  const wanted = places.map(({ project_id, id }) => ({ project_id, issue_id: id }))
  const rows = await tx.execute<{ issue_id: string; ids: string[] }>(sql`
    SELECT grouping.issue_id, array_agg(grouping.id ORDER BY grouping.id) AS ids
    FROM ${recordset(grouping, ['project_id', 'issue_id'], wanted)}
    JOIN grouping ON grouping.project_id = r.project_id AND grouping.issue_id = r.issue_id
    GROUP BY grouping.issue_id`)
  return new Map(rows.map(({ issue_id, ids }) => [Number(issue_id), ids.map(Number)]))
}

/** Points groupings at another issue. The transaction has locked the project's counter, the issue they leave and this one. */
export async function moveGroupings(tx: Tx, ids: readonly number[], to: Place): Promise<void> {
  if (ids.length === 0) return
  const rows = ids.map((id) => ({ project_id: to.project_id, id }))
  await tx.execute(sql`
    UPDATE grouping SET issue_id = ${to.id}
    FROM ${recordset(grouping, ['project_id', 'id'], rows)}
    WHERE grouping.project_id = r.project_id AND grouping.id = r.id`)
}
