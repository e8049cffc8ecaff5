import type { LockedIssue } from '@rumen/db/issue/lock-issues'
import { type CountedEvent, type GroupingSum, sumGrouping } from '@rumen/db/issue/sum-grouping'
import type { ReadyEvent } from '@rumen/rows/ready-batch'

/** What the new events of one issue add up to: by grouping, as everything is counted by that. */
export interface IssueSum {
  issue: LockedIssue
  events: readonly ReadyEvent[]
  groupings: readonly GroupingSum[]
}

/** The events of a batch by issue. `issueOf` gives the locked issue of an event, the same object for the same issue. */
export function sumIssues(events: readonly ReadyEvent[], issueOf: (event: ReadyEvent) => LockedIssue): IssueSum[] {
  return Array.from(Map.groupBy(events, issueOf), ([issue, ofIssue]) => ({
    issue,
    events: ofIssue,
    groupings: Array.from(
      Map.groupBy(ofIssue, ({ groupingId }) => groupingId),
      ([id, ofGrouping]) =>
        sumGrouping({ project_id: issue.project_id, issue_id: issue.id, id }, ofGrouping.map(countedOf)),
    ),
  }))
}

/** An event as far as it is counted. */
export function countedOf({ archive, item }: ReadyEvent): CountedEvent {
  return { receivedAt: archive.receivedAt, event: item.event }
}
