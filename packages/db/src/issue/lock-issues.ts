import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { report } from '../tables/report.ts'

/** An issue as it stands while this transaction holds it. */
export interface LockedIssue {
  project_id: ProjectId
  id: number
  status: string
  level: number
  first_seen: Date
  last_seen: Date
  event_count: number
  first_release: string | null
  first_release_at: Date | null
  last_release: string | null
  last_release_at: Date | null
  resolved_at: Date | null
  resolved_in_release: string | null
  muted_until: Date | null
  muted_until_count: number | null
}

/** A grouping as a worker knows it: by its project and number. */
export interface GroupingRef {
  project_id: ProjectId
  grouping_id: number
}

/**
 * The issue each grouping points at, locked until the transaction ends, in the order (project, issue) everywhere, so
 * that two workers with the same issues never wait for each other crosswise. By `groupingRef`; a grouping that is not in
 * the answer was deleted since it was looked up, or is being deleted. Whoever waited here may have got the issue that a
 * grouping pointed at before: `updateGroupings` tells.
 */
export async function lockIssues(tx: Tx, groupings: readonly GroupingRef[]): Promise<ReadonlyMap<string, LockedIssue>> {
  if (groupings.length === 0) return new Map()
  const rows = await tx.execute<IssueRecord>(sql`
    SELECT
      r.project_id, r.grouping_id, issue.id, issue.status, issue.level, issue.event_count,
      ${ms('first_seen')}, ${ms('last_seen')},
      issue.first_release, ${ms('first_release_at')}, issue.last_release, ${ms('last_release_at')},
      ${ms('resolved_at')}, issue.resolved_in_release, ${ms('muted_until')}, issue.muted_until_count
    FROM ${recordset(report, ['project_id', 'grouping_id'], groupings)}
    JOIN grouping ON grouping.project_id = r.project_id AND grouping.id = r.grouping_id
    JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id
    WHERE issue.status <> 'deleting'
    ORDER BY issue.project_id, issue.id
    FOR NO KEY UPDATE OF issue`)
  // Two groupings of one issue share its object: what is counted for one is counted for the other.
  const issues = new Map<string, LockedIssue>()
  const byGrouping = new Map<string, LockedIssue>()
  for (const row of rows) {
    const key = `${row.project_id} ${row.id}`
    const issue = issues.get(key) ?? issueOf(row)
    issues.set(key, issue)
    byGrouping.set(groupingRef({ project_id: row.project_id, grouping_id: Number(row.grouping_id) }), issue)
  }
  return byGrouping
}

export function groupingRef({ project_id, grouping_id }: GroupingRef): string {
  return `${project_id} ${grouping_id}`
}

/** A moment in milliseconds: the driver would make a text of it, and a Date of that costs more than the row. */
function ms(column: string) {
  return sql.raw(`(extract(epoch FROM issue.${column}) * 1000)::float8 AS ${column}`)
}

interface IssueRecord extends Record<string, unknown> {
  project_id: ProjectId
  grouping_id: string
  id: string
  status: string
  level: number
  event_count: string
  first_seen: number
  last_seen: number
  first_release: string | null
  first_release_at: number | null
  last_release: string | null
  last_release_at: number | null
  resolved_at: number | null
  resolved_in_release: string | null
  muted_until: number | null
  muted_until_count: string | null
}

function issueOf(row: IssueRecord): LockedIssue {
  return {
    project_id: row.project_id,
    id: Number(row.id),
    status: row.status,
    level: row.level,
    event_count: Number(row.event_count),
    first_seen: new Date(row.first_seen),
    last_seen: new Date(row.last_seen),
    first_release: row.first_release,
    first_release_at: dateOf(row.first_release_at),
    last_release: row.last_release,
    last_release_at: dateOf(row.last_release_at),
    resolved_at: dateOf(row.resolved_at),
    resolved_in_release: row.resolved_in_release,
    muted_until: dateOf(row.muted_until),
    muted_until_count: row.muted_until_count === null ? null : Number(row.muted_until_count),
  }
}

function dateOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}
