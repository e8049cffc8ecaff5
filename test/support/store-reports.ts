import { hash, randomUUID } from 'node:crypto'
import type { Db } from '@rumen/db/connect'
import { DIMENSIONS, type DimensionName } from '@rumen/db/dimension/dimensions'
import { resolveValues, type Scalar } from '@rumen/db/dimension/resolve-values'
import { insertRows } from '@rumen/db/insert-rows'
import { countHours } from '@rumen/db/issue/count-hours'
import { countTags } from '@rumen/db/issue/count-tags'
import { countUsers } from '@rumen/db/issue/count-users'
import { createIssues } from '@rumen/db/issue/create-issues'
import { groupingRef, lockIssues } from '@rumen/db/issue/lock-issues'
import { sumGrouping } from '@rumen/db/issue/sum-grouping'
import { sumGroupings } from '@rumen/db/issue/sum-groupings'
import { updateGroupings } from '@rumen/db/issue/update-groupings'
import { type Day, dayOf } from '@rumen/db/partition/day'
import type { MovingReport } from '@rumen/db/regroup/move-reports'
import type { DescribedKey } from '@rumen/db/regroup/pointer-changes'
import { report } from '@rumen/db/tables/report'
import type { ProjectId } from '@rumen/protocol/brand'
import { LEVELS, type Level } from '@rumen/protocol/event'
import { parseEventId } from '@rumen/protocol/event-id'

/** What an event says; it was received when it occurred. */
export interface Sent {
  /** Today, unless said. */
  day?: Day
  /** Of the day, `HH:MM`. */
  at?: string
  level?: Level
  user?: { id?: string; ip?: string }
  release?: string
  tags?: Readonly<Record<string, string>>
}

interface Place {
  db: Db
  projectId: ProjectId
}

/** Reports of a grouping without archives, one for each of `sent`, counted as a worker counts them. */
export async function storeReports(
  { db, projectId }: Place,
  groupingId: number,
  sent: readonly Sent[],
): Promise<MovingReport[]> {
  const events = sent.map(eventOf)
  const idsOf = (name: DimensionName, values: readonly (readonly Scalar[])[]) => {
    const dimension = DIMENSIONS.get(name)
    if (!dimension) throw new Error(`there is no dimension ${name}`)
    return resolveValues(
      db,
      dimension,
      values.map((one) => ({ projectId, values: one })),
    )
  }
  const users = events.map(({ event: { user } }) => [user.id ?? user.ip ?? '', user.id, null, null, user.ip])
  const userIds = await idsOf('user', users)
  const releaseIds = await idsOf(
    'release',
    events.map(({ event }) => [event.release ?? '']),
  )
  const tagIds = new Map<string, number | null>()
  const tags = new Map(
    events.flatMap(({ event }) => event.tags.map(({ key, value }) => [`${key} ${value}`, [key, value]])),
  )
  const ids = await idsOf('tag', [...tags.values()])
  for (const [at, name] of [...tags.keys()].entries()) tagIds.set(name, ids[at] ?? null)
  const rows = events.map(({ eventId, day, receivedAt, event }, at) => ({
    project_id: projectId,
    event_id: eventId,
    day,
    archive_hash: '\\x00',
    item_index: 0,
    grouping_id: groupingId,
    occurred_at: event.occurredAt,
    received_at: receivedAt,
    level: LEVELS.indexOf(event.level),
    release_id: event.release === null ? null : releaseIds[at],
    user_id: users[at]?.[0] === '' ? null : userIds[at],
    tag_ids: event.tags.map(({ key, value }) => tagIds.get(`${key} ${value}`)),
  }))
  await db.transaction(async (tx) => {
    const ref = { project_id: projectId, grouping_id: groupingId }
    const issue = (await lockIssues(tx, [ref])).get(groupingRef(ref))
    if (!issue) throw new Error(`there is no grouping ${groupingId}`)
    const sum = sumGrouping({ project_id: projectId, id: groupingId, issue_id: issue.id }, events)
    await insertRows(tx, report, rows)
    await updateGroupings(tx, [sum.update])
    await countHours(tx, sum.hours)
    await countTags(tx, sum.tags)
    await countUsers(tx, sum.users)
    await sumGroupings(tx, [{ project_id: Number(projectId), id: issue.id }], [])
  })
  return events.map(({ eventId, receivedAt, event }) => ({ eventId, receivedAt, event, from: groupingId, to: 0 }))
}

/** As no event was given. */
export function novelEventId() {
  const id = parseEventId(randomUUID())
  if (id === null) throw new Error('an id was not one')
  return id
}

function eventOf({ day = dayOf(new Date()), at = '12:00', level = 'error', user = {}, release, tags = {} }: Sent) {
  const receivedAt = new Date(`${day}T${at}:00Z`)
  const event = {
    occurredAt: receivedAt,
    level,
    release: release ?? null,
    user: { id: user.id ?? null, email: null, username: null, ip: user.ip ?? null },
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  }
  return { eventId: novelEventId(), day, receivedAt, event }
}

export function keyHashOf(key: string): string {
  return hash('sha256', key)
}

/** A key that an event called like it has brought. */
export function describedKey(key: string): DescribedKey {
  const called = {
    title: key,
    culprit: '',
    type: 'Error',
    value: null,
    level: 3,
    ruleTitle: null,
    formerTitles: new Set<string>(),
  }
  return {
    keyHash: keyHashOf(key),
    mechanism: 'v1',
    key,
    parts: [],
    ...called,
    seenAt: new Date('2026-11-21T12:00:00Z'),
  }
}

/** An issue for each of the keys, in their order; ids of their groupings. */
export async function makeGroupings({ db, projectId }: Place, keys: readonly string[]): Promise<number[]> {
  const ids: number[] = []
  for (const { keyHash, ruleTitle, formerTitles, seenAt, ...rest } of keys.map(describedKey)) {
    const wanted = { ...rest, project_id: projectId, key_hash: `\\x${keyHash}`, former_key_hash: null, seen_at: seenAt }
    ids.push(...(await createIssues(db, [wanted])).values())
  }
  return ids
}
