import type { Db } from '../connect.ts'
import { changeStatus, type StatusChanged } from './change-status.ts'
import type { IssueAddress } from './hold-issue.ts'

/** Resolves an issue: until it happens again, or in `inRelease` or a later one where that is given. */
export async function resolveIssue(
  db: Db,
  { inRelease = null, ...address }: IssueAddress & { inRelease?: string | null; now: Date },
): Promise<StatusChanged> {
  return await changeStatus(db, address, (row) =>
    row.status === 'resolved' && row.resolved_in_release === inRelease
      ? null
      : {
          status: 'resolved',
          terms: { resolved_at: address.now, resolved_in_release: inRelease },
          kind: 'resolved',
          data: { in_release: inRelease },
        },
  )
}
