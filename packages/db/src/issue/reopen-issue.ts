import type { Db } from '../connect.ts'
import { changeStatus, type StatusChanged } from './change-status.ts'
import type { IssueAddress } from './hold-issue.ts'

/** Makes a resolved issue unresolved again, by hand; one that is not resolved is left as it is. */
export async function reopenIssue(db: Db, address: IssueAddress & { now: Date }): Promise<StatusChanged> {
  return await changeStatus(db, address, ({ status }) =>
    status === 'resolved' ? { status: 'unresolved', kind: 'reopened' } : null,
  )
}
