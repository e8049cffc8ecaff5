import type { HourOfIssue } from '@rumen/db/issue/count-hours'
import type { TagOfIssue } from '@rumen/db/issue/count-tags'
import { type UserOfIssue, userKey } from '@rumen/db/issue/count-users'
import type { LockedIssue } from '@rumen/db/issue/lock-issues'
import { dayOf } from '@rumen/db/partition/day'
import { identityOf } from '@rumen/protocol/derive-tags'
import { LEVELS } from '@rumen/protocol/event'
import type { ReadyEvent } from './ready-batch.ts'

const HOUR_MS = 60 * 60 * 1000

/** What the new events of one issue add up to. */
export interface IssueSum {
  issue: LockedIssue
  events: readonly ReadyEvent[]
  hours: readonly HourOfIssue[]
  tags: readonly TagOfIssue[]
  users: readonly UserOfIssue[]
}

/** The events of a batch by issue. `issueOf` gives the locked issue of an event, the same object for the same issue. */
export function sumIssues(events: readonly ReadyEvent[], issueOf: (event: ReadyEvent) => LockedIssue): IssueSum[] {
  return Array.from(Map.groupBy(events, issueOf), ([issue, ofIssue]) => ({
    issue,
    events: ofIssue,
    hours: hoursOf(issue, ofIssue),
    tags: tagsOf(issue, ofIssue),
    users: usersOf(issue, ofIssue),
  }))
}

/** The start of the hour a moment lies in. */
export function hourOf(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / HOUR_MS) * HOUR_MS)
}

function hoursOf({ project_id, id }: LockedIssue, events: readonly ReadyEvent[]): HourOfIssue[] {
  const counts = new Map<number, number>()
  for (const { archive } of events) {
    const hour = hourOf(archive.receivedAt).getTime()
    counts.set(hour, (counts.get(hour) ?? 0) + 1)
  }
  return Array.from(counts, ([hour, count]) => ({ project_id, issue_id: id, hour: new Date(hour), event_count: count }))
}

function tagsOf({ project_id, id }: LockedIssue, events: readonly ReadyEvent[]): TagOfIssue[] {
  const counts = new Map<string, TagOfIssue>()
  for (const { item } of events) {
    for (const { key, value } of item.event.tags) {
      // Its users go with their reports, and counts of tags do not.
      if (key === 'user') continue
      const address = `${key}\0${value}`
      const counted = counts.get(address)
      if (counted) counted.event_count++
      else counts.set(address, { project_id, issue_id: id, tag_key: key, tag_value: value, event_count: 1 })
    }
  }
  return [...counts.values()]
}

function usersOf({ project_id, id }: LockedIssue, events: readonly ReadyEvent[]): UserOfIssue[] {
  const days = new Map<string, string>()
  for (const { archive, item } of events) {
    const user = identityOf(item.event.user)
    if (user === null) continue
    const day = dayOf(archive.receivedAt)
    if (day > (days.get(user) ?? '')) days.set(user, day)
  }
  return Array.from(days, ([user, last_day]) => ({
    project_id,
    issue_id: id,
    user_key: userKey(project_id, user),
    last_day,
  }))
}

/** What an issue knows of its earliest and its newest events. */
type Knowledge = Pick<
  LockedIssue,
  'level' | 'first_seen' | 'last_seen' | 'first_release' | 'first_release_at' | 'last_release' | 'last_release_at'
>

/**
 * The issue after its new events: `first_seen` only moves back, `last_seen` only forward, with the level and the releases
 * of those moments. Of events of one moment the more severe level counts, and the releases in the order of their text: the
 * same events in another order make the same issue.
 */
export function learn(issue: LockedIssue, events: readonly ReadyEvent[]): Knowledge {
  const [first] = events
  // Made for an event, not yet counted for one: what it was made with may be a duplicate's.
  let known: Knowledge = issue.event_count === 0 && first ? knowledgeOf(first.item.event) : issue
  for (const { item } of events) known = learnEvent(known, item.event)
  return known
}

function knowledgeOf({ occurredAt, level, release }: ReadyEvent['item']['event']): Knowledge {
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

function learnEvent(known: Knowledge, event: ReadyEvent['item']['event']): Knowledge {
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
  return at < firstAt || (at.getTime() === firstAt.getTime() && release < first)
}

function isAfter(at: Date, release: string, { last_release: last, last_release_at: lastAt }: Knowledge): boolean {
  if (lastAt === null || last === null) return true
  return at > lastAt || (at.getTime() === lastAt.getTime() && release > last)
}
