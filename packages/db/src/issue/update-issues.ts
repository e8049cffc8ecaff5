import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { issue } from '../tables/issue.ts'
import type { LockedIssue } from './lock-issues.ts'

/** What a batch makes of an issue it holds: counts are added, everything else is what the row becomes. */
export interface IssueUpdate extends Omit<LockedIssue, 'event_count'> {
  /** New ones. */
  event_count: number
  /** Users who had not met it before. */
  user_count: number
}

const COLUMNS = [
  'project_id',
  'id',
  'status',
  'level',
  'first_seen',
  'last_seen',
  'event_count',
  'user_count',
  'first_release',
  'first_release_at',
  'last_release',
  'last_release_at',
  'resolved_at',
  'resolved_in_release',
  'muted_until',
  'muted_until_count',
] as const satisfies (keyof IssueUpdate)[]

/** Writes issues this transaction has locked. */
export async function updateIssues(tx: Tx, updates: readonly IssueUpdate[]): Promise<void> {
  if (updates.length === 0) return
  await tx.execute(sql`
    UPDATE issue
    SET
      status = r.status,
      level = r.level,
      first_seen = r.first_seen,
      last_seen = r.last_seen,
      event_count = issue.event_count + r.event_count,
      user_count = issue.user_count + r.user_count,
      first_release = r.first_release,
      first_release_at = r.first_release_at,
      last_release = r.last_release,
      last_release_at = r.last_release_at,
      resolved_at = r.resolved_at,
      resolved_in_release = r.resolved_in_release,
      muted_until = r.muted_until,
      muted_until_count = r.muted_until_count
    FROM ${recordset(issue, COLUMNS, updates)}
    WHERE issue.project_id = r.project_id AND issue.id = r.id`)
}
