import type { Db } from '../connect.ts'
import { changeStatus, type StatusChanged } from './change-status.ts'
import type { IssueAddress } from './hold-issue.ts'

/** Mutes an issue until a moment, for a number of further events, whichever comes first; with neither, for good. */
export async function muteIssue(
  db: Db,
  { until = null, forEvents = null, ...address }: IssueAddress & MuteTerms & { now: Date },
): Promise<StatusChanged> {
  return await changeStatus(db, address, (row) => {
    const untilCount = forEvents === null ? null : row.event_count + forEvents
    const isSame =
      row.status === 'muted' && row.muted_until?.getTime() === until?.getTime() && row.muted_until_count === untilCount
    if (isSame) return null
    return {
      status: 'muted',
      terms: { muted_until: until, muted_until_count: untilCount },
      kind: 'muted',
      data: { until, events: forEvents },
    }
  })
}

interface MuteTerms {
  until?: Date | null
  forEvents?: number | null
}
