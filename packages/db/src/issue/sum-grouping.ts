import { identityOf } from '@rumen/protocol/derive-tags'
import { type Event, LEVELS } from '@rumen/protocol/event'
import { type Day, dayOf } from '../partition/day.ts'
import type { HourOfGrouping } from './count-hours.ts'
import type { TagOfGrouping } from './count-tags.ts'
import { type UserOfGrouping, userKey } from './count-users.ts'
import type { LockedIssue } from './lock-issues.ts'
import type { GroupingUpdate } from './update-groupings.ts'

const HOUR_MS = 60 * 60 * 1000

/** An event, as far as it is counted. */
export interface CountedEvent {
  receivedAt: Date
  event: Pick<Event, 'occurredAt' | 'level' | 'release' | 'tags' | 'user'>
}

/** A grouping, and the locked issue it points at. */
export type CountedGrouping = Pick<GroupingUpdate, 'project_id' | 'id' | 'issue_id'>

/** What some events of one grouping add up to. */
export interface GroupingSum {
  update: GroupingUpdate
  hours: readonly HourOfGrouping[]
  tags: readonly TagOfGrouping[]
  users: readonly UserOfGrouping[]
}

/** Pure: what is added to the counts of a grouping, and what it learns. There is at least one event. */
export function sumGrouping(place: CountedGrouping, events: readonly CountedEvent[]): GroupingSum {
  return {
    update: { ...place, ...learn(null, events), event_count: events.length },
    hours: hoursOf(place, events),
    tags: tagsOf(place, events),
    users: usersOf(place, events),
  }
}

/** The start of the hour a moment lies in. */
export function hourOf(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / HOUR_MS) * HOUR_MS)
}

function hoursOf({ project_id, id }: CountedGrouping, events: readonly CountedEvent[]): HourOfGrouping[] {
  const counts = new Map<number, number>()
  for (const { receivedAt } of events) {
    const hour = hourOf(receivedAt).getTime()
    counts.set(hour, (counts.get(hour) ?? 0) + 1)
  }
  return Array.from(counts, ([hour, count]) => ({
    project_id,
    grouping_id: id,
    hour: new Date(hour),
    event_count: count,
  }))
}

function tagsOf({ project_id, id }: CountedGrouping, events: readonly CountedEvent[]): TagOfGrouping[] {
  const counts = new Map<string, TagOfGrouping>()
  for (const { event } of events) {
    for (const { key, value } of event.tags) {
      // Its users go with their reports, and counts of tags do not.
      if (key === 'user') continue
      const address = `${key}\0${value}`
      const counted = counts.get(address)
      if (counted) counted.event_count++
      else counts.set(address, { project_id, grouping_id: id, tag_key: key, tag_value: value, event_count: 1 })
    }
  }
  return [...counts.values()]
}

function usersOf({ project_id, id, issue_id }: CountedGrouping, events: readonly CountedEvent[]): UserOfGrouping[] {
  const days = new Map<string, Day>()
  for (const { receivedAt, event } of events) {
    const user = identityOf(event.user)
    if (user === null) continue
    const day = dayOf(receivedAt)
    if (day > (days.get(user) ?? '')) days.set(user, day)
  }
  return Array.from(days, ([user, last_day]) => ({
    project_id,
    issue_id,
    grouping_id: id,
    user_key: userKey(project_id, user),
    last_day,
  }))
}

/** What an issue, or a grouping, knows of its earliest and its newest events. */
type Knowledge = Pick<
  LockedIssue,
  'level' | 'first_seen' | 'last_seen' | 'first_release' | 'first_release_at' | 'last_release' | 'last_release_at'
>

/**
 * The issue after its new events, or, for null, what the events say by themselves: `first_seen` only moves back, `last_seen`
 * only forward, with the level and the releases of those moments. Of events of one moment the more severe level counts, and
 * the releases in the order of their bytes: the same events in another order make the same issue.
 */
export function learn(issue: LockedIssue | null, events: readonly CountedEvent[]): Knowledge {
  const [first] = events
  if (first === undefined) throw new Error('there is nothing to learn from no events')
  // An issue made for an event, not yet counted for one: what it was made with may be a duplicate's.
  let known: Knowledge = issue === null || issue.event_count === 0 ? knowledgeOf(first.event) : issue
  for (const { event } of events) known = learnEvent(known, event)
  return known
}

function knowledgeOf({ occurredAt, level, release }: CountedEvent['event']): Knowledge {
  const releaseAt = release === null ? null : occurredAt
  return {
    level: LEVELS.indexOf(level),
    first_seen: occurredAt,
    last_seen: occurredAt,
    first_release: release,
    first_release_at: releaseAt,
    last_release: release,
    last_release_at: releaseAt,
  }
}

function learnEvent(known: Knowledge, event: CountedEvent['event']): Knowledge {
  const { occurredAt: at, release } = event
  const level = LEVELS.indexOf(event.level)
  const newer = at.getTime() - known.last_seen.getTime()
  return {
    first_seen: newer < 0 && at < known.first_seen ? at : known.first_seen,
    last_seen: newer > 0 ? at : known.last_seen,
    level: newer > 0 ? level : newer === 0 ? Math.max(level, known.level) : known.level,
    ...(release !== null && isBefore(at, release, known)
      ? { first_release: release, first_release_at: at }
      : { first_release: known.first_release, first_release_at: known.first_release_at }),
    ...(release !== null && isAfter(at, release, known)
      ? { last_release: release, last_release_at: at }
      : { last_release: known.last_release, last_release_at: known.last_release_at }),
  }
}

function isBefore(at: Date, release: string, { first_release: first, first_release_at: firstAt }: Knowledge): boolean {
  if (firstAt === null || first === null) return true
  return at < firstAt || (at.getTime() === firstAt.getTime() && compareBytes(release, first) < 0)
}

function isAfter(at: Date, release: string, { last_release: last, last_release_at: lastAt }: Knowledge): boolean {
  if (lastAt === null || last === null) return true
  return at > lastAt || (at.getTime() === lastAt.getTime() && compareBytes(release, last) > 0)
}

/** As PostgreSQL compares in `COLLATE "C"`: JavaScript has another order for what is beyond U+FFFF. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
