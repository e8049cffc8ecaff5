import type { ProjectId } from '@rumen/protocol/brand'
import { identityOf } from '@rumen/protocol/derive-tags'
import type { Tx } from '../connect.ts'
import { OTHER } from '../dimension/dimensions.ts'
import { countHours } from '../issue/count-hours.ts'
import { countTags, type TagOfGrouping } from '../issue/count-tags.ts'
import { countUsers, type UserOfGrouping, userKey } from '../issue/count-users.ts'
import { groupingRef, type LockedIssue } from '../issue/lock-issues.ts'
import { type CountedEvent, type GroupingSum, sumGrouping } from '../issue/sum-grouping.ts'
import { updateGroupings } from '../issue/update-groupings.ts'
import type { Day } from '../partition/day.ts'
import { addUpIssues } from '../regroup/add-up-issues.ts'
import { takeHours, takeTags } from '../regroup/take-counts.ts'
import { takeEvents } from '../regroup/take-events.ts'
import { type LeavingUser, takeUsers } from '../regroup/take-users.ts'
import { forgetFirst } from './forget-first.ts'

/** What one report counts for in its grouping, before and after; null: it was not there, or is not any more. */
export interface Recounted {
  groupingId: number
  before: CountedEvent | null
  after: CountedEvent | null
}

interface Place {
  projectId: ProjectId
  /** Of all the reports. Days come oldest first, see `takeUsers`. */
  day: Day
  /** By `groupingRef`: the issues this transaction has locked. */
  locked: ReadonlyMap<string, LockedIssue>
}

/**
 * Makes every counter what a recount gives, after reports of one day were written, changed or removed in this transaction.
 * Status and timelines stay, and so does what issues are muted for. As many statements for five hundred reports as for one;
 * none for those that are counted as before.
 */
export async function recount(tx: Tx, place: Place, all: readonly Recounted[]): Promise<void> {
  const changed = all.filter(({ before, after }) => !isCountedAlike(before, after))
  if (changed.length === 0) return
  const came = sumsOf(place, changed, ({ after }) => after)
  const left = sumsOf(place, changed, ({ before }) => before)
  const updated = await updateGroupings(
    tx,
    came.map(({ update }) => update),
  )
  if (updated.size !== came.length) throw new Error('a grouping was moved while its project was locked')
  await takeEvents(
    tx,
    left.map(({ update }) => update),
  )
  await forgetFirst(
    tx,
    place.projectId,
    left.map(({ update }) => update),
  )
  const hours = netOf(hoursOf(came), hoursOf(left), ({ grouping_id, hour }) => `${grouping_id} ${hour.getTime()}`)
  const tags = netOf(tagsOf(came), tagsOf(left), addressOfTag)
  await countHours(tx, hours.added)
  await takeHours(tx, hours.taken)
  await countTags(tx, tags.added)
  await takeTags(tx, tags.taken)
  await addUpIssues(tx, place.projectId, issuesOf([...came, ...left]), await recountUsers(tx, place, changed, came))
}

/** Users who came, and, as less than none, those who left. */
async function recountUsers(tx: Tx, place: Place, changed: readonly Recounted[], came: readonly GroupingSum[]) {
  const users: readonly UserOfGrouping[] = came.flatMap((sum) => sum.users)
  const stay = new Set(users.map(({ grouping_id, user_key }) => `${grouping_id} ${user_key}`))
  const leaving = leavingOf(place, changed).filter((one) => !stay.has(`${one.grouping_id} ${one.user_key}`))
  const newUsers = await countUsers(tx, users)
  const lostUsers = await takeUsers(tx, place, leaving)
  return [...newUsers, ...lostUsers.map((one) => ({ ...one, users: -one.users }))]
}

function leavingOf({ projectId, locked }: Place, changed: readonly Recounted[]): readonly LeavingUser[] {
  const leaving = new Map<string, LeavingUser>()
  for (const { groupingId, before } of changed) {
    const identity = before && identityOf(before.event.user)
    const issue = locked.get(groupingRef({ project_id: projectId, grouping_id: groupingId }))
    if (identity === null || issue === undefined) continue
    const user_key = userKey(projectId, identity)
    leaving.set(`${groupingId} ${user_key}`, { issue_id: issue.id, grouping_id: groupingId, user_key, identity })
  }
  return [...leaving.values()]
}

function isCountedAlike(before: CountedEvent | null, after: CountedEvent | null): boolean {
  return before !== null && after !== null && countOf(before) === countOf(after)
}

function countOf({ receivedAt, event }: CountedEvent): string {
  const { occurredAt, level, release, tags, user } = event
  const counted = tags.flatMap(({ key, value }) => (key === 'user' ? [] : [`${key}\0${value}`])).toSorted()
  return JSON.stringify([receivedAt, occurredAt, level, release, identityOf(user), counted])
}

function sumsOf(
  { projectId, locked }: Place,
  changed: readonly Recounted[],
  eventOf: (one: Recounted) => CountedEvent | null,
): GroupingSum[] {
  const wanted = changed.flatMap((one) => {
    const event = eventOf(one)
    return event === null ? [] : [{ groupingId: one.groupingId, event }]
  })
  return Array.from(
    Map.groupBy(wanted, ({ groupingId }) => groupingId),
    ([id, ofGrouping]) => {
      const issue = locked.get(groupingRef({ project_id: projectId, grouping_id: id }))
      if (issue === undefined) throw new Error('a report is counted for an issue that is not locked')
      return sumGrouping(
        { project_id: projectId, issue_id: issue.id, id },
        ofGrouping.map(({ event }) => event),
      )
    },
  )
}

/** What a value beyond its bound is stored as was counted by its own name, which is what the event says today. */
export function asCounted(before: CountedEvent, after: CountedEvent): CountedEvent {
  const own = new Map(after.event.tags.map((tag) => [tag.key, tag]))
  const tags = before.event.tags.map((tag) => (tag.value === OTHER ? (own.get(tag.key) ?? tag) : tag))
  return { ...before, event: { ...before.event, tags } }
}

const hoursOf = (sums: readonly GroupingSum[]) => sums.flatMap(({ hours }) => hours)
const tagsOf = (sums: readonly GroupingSum[]) => sums.flatMap(({ tags }) => tags)
const issuesOf = (sums: readonly GroupingSum[]) => [...new Set(sums.map(({ update }) => update.issue_id))]

function addressOfTag({ grouping_id, tag_key, tag_value }: TagOfGrouping): string {
  return `${grouping_id}\0${tag_key}\0${tag_value}`
}

/** What is left of two lists of counts where one is taken from the other. */
function netOf<Count extends { event_count: number }>(
  came: readonly Count[],
  left: readonly Count[],
  addressOf: (count: Count) => string,
): { added: Count[]; taken: Count[] } {
  const sums = new Map(came.map((one) => [addressOf(one), one]))
  for (const one of left) {
    const known = sums.get(addressOf(one))
    sums.set(addressOf(one), { ...one, event_count: (known?.event_count ?? 0) - one.event_count })
  }
  const net = [...sums.values()]
  return {
    added: net.filter(({ event_count }) => event_count > 0),
    taken: net.flatMap((one) => (one.event_count < 0 ? [{ ...one, event_count: -one.event_count }] : [])),
  }
}
