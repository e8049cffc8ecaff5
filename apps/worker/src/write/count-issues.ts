import type { Tx } from '@rumen/db/connect'
import { insertRows } from '@rumen/db/insert-rows'
import { countHours } from '@rumen/db/issue/count-hours'
import { countTags, ISSUE_TAG_VALUES_MAX } from '@rumen/db/issue/count-tags'
import { countUsers } from '@rumen/db/issue/count-users'
import { type GroupingRef, groupingRef, type LockedIssue, lockIssues } from '@rumen/db/issue/lock-issues'
import { learn } from '@rumen/db/issue/sum-grouping'
import { updateGroupings } from '@rumen/db/issue/update-groupings'
import { type IssueUpdate, updateIssues } from '@rumen/db/issue/update-issues'
import { activity } from '@rumen/db/tables/issue'
import { GroupingGoneError } from '@rumen/rows/grouping-ids'
import type { ReadyEvent } from '@rumen/rows/ready-batch'
import { transitionOf } from '../issue-transition.ts'
import { countedOf, type IssueSum, sumIssues } from './sum-issues.ts'

/**
 * Adds new events to their groupings, with hours, tags and users, and to their issues last, which may reopen with it. The
 * issues are locked first, in one order everywhere, and hold whoever else has events of them until this transaction ends:
 * that is why nothing else of the batch comes after it. Throws GroupingGoneError when an issue was deleted meanwhile, or a
 * grouping moved to another one.
 */
export async function countIssues(tx: Tx, events: readonly ReadyEvent[], now: Date): Promise<void> {
  if (events.length === 0) return
  const refs = new Map(events.map((event) => [groupingRef(refOf(event)), refOf(event)]))
  const locked = await lockIssues(tx, [...refs.values()])
  refuseGone(refs, locked)
  const sums = sumIssues(events, (event) => issueOf(locked, event))
  const groupings = sums.flatMap((sum) => sum.groupings)
  refuseGone(
    refs,
    await updateGroupings(
      tx,
      groupings.map(({ update }) => update),
    ),
  )
  await countHours(
    tx,
    groupings.flatMap(({ hours }) => hours),
  )
  await countTags(
    tx,
    groupings.flatMap(({ tags }) => tags),
    rareOf(sums),
  )
  const newUsers = await countUsers(
    tx,
    groupings.flatMap(({ users }) => users),
  )
  const usersOf = new Map(newUsers.map((one) => [`${one.project_id} ${one.issue_id}`, one.users]))
  const changes = sums.map((sum) => changeOf(sum, { now, users: usersOf.get(keyOf(sum.issue)) ?? 0 }))
  await updateIssues(
    tx,
    changes.map(({ update }) => update),
  )
  await insertRows(
    tx,
    activity,
    changes.flatMap(({ happened }) => happened),
  )
}

function refuseGone(refs: ReadonlyMap<string, GroupingRef>, found: { has(ref: string): boolean }): void {
  const gone = [...refs.keys()].filter((ref) => !found.has(ref))
  if (gone.length > 0) throw new GroupingGoneError(gone)
}

function refOf({ archive, groupingId }: ReadyEvent): GroupingRef {
  return { project_id: archive.projectId, grouping_id: groupingId }
}

function issueOf(locked: ReadonlyMap<string, LockedIssue>, event: ReadyEvent): LockedIssue {
  const issue = locked.get(groupingRef(refOf(event)))
  if (issue === undefined) throw new Error('an event was left without its issue')
  return issue
}

function keyOf({ project_id, id }: LockedIssue): string {
  return `${project_id} ${id}`
}

/** Groupings that have had few events: their issue has had no more than that. */
function rareOf(sums: readonly IssueSum[]): ReadonlySet<string> {
  const rare = sums.filter(({ issue, events }) => issue.event_count + events.length <= ISSUE_TAG_VALUES_MAX)
  return new Set(
    rare.flatMap(({ groupings }) =>
      groupings.map(({ update: { project_id, id } }) => groupingRef({ project_id, grouping_id: id })),
    ),
  )
}

interface Change {
  update: IssueUpdate
  happened: readonly { project_id: string; issue_id: number; kind: string; at: Date; data: object }[]
}

/** The issue after these events, and what there is to tell of it. */
function changeOf({ issue, events }: IssueSum, { now, users }: { now: Date; users: number }): Change {
  const transition = transitionOf(issue, { count: events.length, newestByRelease: newestByRelease(events) }, now)
  const update = { ...issue, ...learn(issue, events.map(countedOf)), event_count: events.length, user_count: users }
  if (transition === null) return { update, happened: [] }
  const { kind, data } = transition.activity
  return {
    update: {
      ...update,
      status: transition.status,
      resolved_at: null,
      resolved_in_release: null,
      muted_until: null,
      muted_until_count: null,
    },
    happened: [{ project_id: issue.project_id, issue_id: issue.id, kind, at: now, data }],
  }
}

/** Most issues are neither resolved nor muted, but a map of a few releases costs less than asking twice. */
function newestByRelease(events: readonly ReadyEvent[]): ReadonlyMap<string | null, Date> {
  const newest = new Map<string | null, Date>()
  for (const { item } of events) {
    const { release, occurredAt } = item.event
    const known = newest.get(release)
    if (known === undefined || occurredAt > known) newest.set(release, occurredAt)
  }
  return newest
}
