import { compareReleases } from '@rumen/protocol/compare-releases'

/** An issue as its row stands before a batch is counted, named as its columns are. */
export interface IssueState {
  status: string
  resolved_at: Date | null
  resolved_in_release: string | null
  muted_until: Date | null
  muted_until_count: number | null
  event_count: number
}

/** A batch's new events of one issue. */
export interface IssueSighting {
  count: number
  /** When the newest event of each release occurred; null: of those that name none. */
  newestByRelease: ReadonlyMap<string | null, Date>
}

/**
 * What new events make of an issue: it is unresolved again, all terms of its old status are gone (`resolved_at`,
 * `resolved_in_release`, `muted_until`, `muted_until_count` are null), and its timeline says why.
 */
export interface Transition {
  status: 'unresolved'
  activity:
    | { kind: 'regressed'; data: { release: string | null; resolved_in_release: string | null } }
    | { kind: 'unmuted'; data: { reason: 'time' | 'volume' } }
}

/** Null: the issue stays as it is. The same for every order of the batch's events. */
export function transitionOf(issue: IssueState, seen: IssueSighting, now: Date): Transition | null {
  if (seen.count === 0) return null
  if (issue.status === 'resolved') return regression(issue, seen)
  if (issue.status === 'muted') return unmuting(issue, seen, now)
  return null
}

/** Of several events that each reopen the issue, the timeline names the newest one's release. */
function regression(issue: IssueState, { newestByRelease }: IssueSighting): Transition | null {
  const [newest] = [...newestByRelease]
    .filter(([release, occurredAt]) => isRecurrence(issue, release, occurredAt))
    .toSorted(([a, atA], [b, atB]) => atB.getTime() - atA.getTime() || ((a ?? '') < (b ?? '') ? 1 : -1))
  if (!newest) return null
  const data = { release: newest[0], resolved_in_release: issue.resolved_in_release }
  return { status: 'unresolved', activity: { kind: 'regressed', data } }
}

/**
 * Where the releases can be compared they decide: people keep running old ones long after the fix, and a clock may be
 * wrong. Else only what happened after the issue was resolved counts; what was under way by then does not.
 */
function isRecurrence(issue: IssueState, release: string | null, occurredAt: Date): boolean {
  const fixed = issue.resolved_in_release
  const order = release === null || fixed === null ? null : compareReleases(release, fixed)
  if (order !== null) return order >= 0
  return issue.resolved_at === null || occurredAt > issue.resolved_at
}

function unmuting(issue: IssueState, { count }: IssueSighting, now: Date): Transition | null {
  if (issue.muted_until !== null && now >= issue.muted_until) return unmuted('time')
  const isReached = issue.muted_until_count !== null && issue.event_count + count >= issue.muted_until_count
  return isReached ? unmuted('volume') : null
}

function unmuted(reason: 'time' | 'volume'): Transition {
  return { status: 'unresolved', activity: { kind: 'unmuted', data: { reason } } }
}
