import type { Db } from '../connect.ts'
import { changeStatus, type StatusChanged } from './change-status.ts'
import type { IssueAddress } from './hold-issue.ts'

/** Ends the mute of an issue before its time; one that is not muted is left as it is. */
export async function unmuteIssue(db: Db, address: IssueAddress & { now: Date }): Promise<StatusChanged> {
  return await changeStatus(db, address, ({ status }) =>
    status === 'muted' ? { status: 'unresolved', kind: 'unmuted' } : null,
  )
}
