import { compareReleases } from '@rumen/protocol/compare-releases'
import { and, eq } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { activity, issue } from '../tables/issue.ts'
import { NO_TERMS } from './change-status.ts'
import type { IssueRow } from './hold-issue.ts'

/** What is known of the newest event of groupings that come to an issue. */
export type Newest = Pick<IssueRow, 'event_count' | 'last_seen' | 'last_release' | 'last_release_at'>

/**
 * Reopens a resolved issue this transaction has locked, if what comes to it has happened since it was resolved, as the events
 * themselves would have done. Not if the newest release they name is older than the one with the fix.
 */
export async function reopenIfSeenSince(
  tx: Tx,
  row: IssueRow,
  { newest, now }: { newest: readonly Newest[]; now: Date },
): Promise<void> {
  if (row.status !== 'resolved') return
  const recurrence = newest
    .filter((one) => isRecurrence(row, one))
    .toSorted((a, b) => b.last_seen.getTime() - a.last_seen.getTime())[0]
  if (recurrence === undefined) return
  const { project_id, id, resolved_in_release } = row
  await tx
    .update(issue)
    .set({ ...NO_TERMS, status: 'unresolved' })
    .where(and(eq(issue.project_id, project_id), eq(issue.id, id)))
  const data = { release: recurrence.last_release, resolved_in_release }
  await tx.insert(activity).values({ project_id, issue_id: id, kind: 'regressed', at: now, data })
}

function isRecurrence({ resolved_at, resolved_in_release: fixed }: IssueRow, newest: Newest): boolean {
  const { event_count, last_seen, last_release } = newest
  if (event_count === 0 || (resolved_at !== null && last_seen <= resolved_at)) return false
  const order = fixed === null || last_release === null ? null : compareReleases(last_release, fixed)
  return order === null || order >= 0
}
