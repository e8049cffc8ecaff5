import { and, eq } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { activity, issue } from '../tables/issue.ts'
import { holdIssue, type IssueAddress, type IssueRow } from './hold-issue.ts'

/**
 * `unchanged`: it was in that status already, on the same terms, or in none that could be ended. `merged`: into another,
 * whose status is the one that counts.
 */
export type StatusChanged = 'changed' | 'unchanged' | 'unknown_issue' | 'merged'

type Terms = Pick<IssueRow, 'resolved_at' | 'resolved_in_release' | 'muted_until' | 'muted_until_count'>

interface StatusChange {
  status: 'unresolved' | 'resolved' | 'muted'
  /** Those of the new status; all others go with the old one. */
  terms?: Partial<Terms>
  /** For the timeline. */
  kind: 'resolved' | 'reopened' | 'muted' | 'unmuted'
  data?: Readonly<Record<string, unknown>>
}

export const NO_TERMS: Terms = {
  resolved_at: null,
  resolved_in_release: null,
  muted_until: null,
  muted_until_count: null,
}

/** Makes of an issue what `decide` says of its locked row, with a line in its timeline; null leaves it as it is. */
export async function changeStatus(
  db: Db,
  address: IssueAddress & { now: Date },
  decide: (row: IssueRow) => StatusChange | null,
): Promise<StatusChanged> {
  return await db.transaction(async (tx) => {
    const row = await holdIssue(tx, address)
    if (row === null || row.status === 'deleting') return 'unknown_issue'
    if (row.merged_into !== null) return 'merged'
    const change = decide(row)
    if (change === null) return 'unchanged'
    const { status, terms, kind, data = {} } = change
    await tx
      .update(issue)
      .set({ ...NO_TERMS, ...terms, status })
      .where(and(eq(issue.project_id, row.project_id), eq(issue.id, row.id)))
    await tx.insert(activity).values({ project_id: row.project_id, issue_id: row.id, kind, at: address.now, data })
    return 'changed'
  })
}
