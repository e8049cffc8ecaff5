import type { LockedIssue } from '@rumen/db/issue/lock-issues'
import { learn as learnCounted } from '@rumen/db/issue/sum-grouping'
import type { ProjectId } from '@rumen/protocol/brand'
import { type Event, LEVELS, type Level } from '@rumen/protocol/event'
import { parseEventId } from '@rumen/protocol/event-id'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import type { ReadyEvent } from '@rumen/rows/ready-batch'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countedOf, sumIssues } from './sum-issues.ts'

const PROJECT = '1' as ProjectId

interface Said {
  groupingId?: number
  at: string
  level?: Level
  release?: string | null
  tags?: Record<string, string>
  user?: object | null
  receivedAt?: string
}

function makeEvent(said: Said): ReadyEvent {
  const { at, level = 'error', release = null, tags = {}, user = null, receivedAt = at, groupingId = 1 } = said
  const eventId = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc')
  if (eventId === null) throw new Error('this test is wrong')
  const received = new Date(receivedAt)
  const none = { sentAt: null, clientIp: null, userAgent: null, client: null }
  const event: Event = {
    ...normaliseEvent({ level, tags, timestamp: at, release, user }, { eventId, receivedAt: received, ...none }),
    occurredAt: new Date(at),
  }
  return {
    archive: { projectId: PROJECT, day: received.toISOString().slice(0, 10), hash: '00', receivedAt: received },
    item: {
      kind: 'event',
      itemIndex: 0,
      itemType: 'event',
      key: eventId,
      event,
      grouping: { mechanism: 'v1', key: 'k', hash: Buffer.alloc(32), parts: [] },
      formerGrouping: null,
      description: { title: 't', culprit: '', type: null, value: null },
    },
    groupingId,
    dimensions: { columns: {}, tagIds: [] },
  }
}

function makeIssue(said: Partial<LockedIssue> = {}): LockedIssue {
  const at = new Date('2026-11-21T12:00:00Z')
  return {
    ...{ project_id: PROJECT, id: 7, status: 'unresolved', level: LEVELS.indexOf('error'), event_count: 1 },
    ...{ first_seen: at, last_seen: at, first_release: null, first_release_at: null, last_release: null },
    ...{ last_release_at: null, resolved_at: null, resolved_in_release: null, muted_until: null },
    muted_until_count: null,
    ...said,
  }
}

function learn(issue: LockedIssue | null, events: readonly ReadyEvent[]) {
  return learnCounted(issue, events.map(countedOf))
}

describe('an issue', () => {
  test('learns of an older event, which moves its first moment and release back and nothing else', () => {
    const issue = makeIssue({ level: 4 })
    const older = makeEvent({ at: '2026-11-21T11:00:00Z', level: 'info', release: 'shop@1' })
    expect(learn(issue, [older])).toMatchObject({
      first_seen: new Date('2026-11-21T11:00:00Z'),
      last_seen: issue.last_seen,
      level: 4,
      first_release: 'shop@1',
      last_release: 'shop@1',
    })
  })
  test('learns of a newer event, which gives its level and its last release', () => {
    const issue = makeIssue({ first_release: 'shop@1', first_release_at: new Date('2026-11-21T12:00:00Z') })
    const newer = makeEvent({ at: '2026-11-21T13:00:00Z', level: 'warning', release: 'shop@2' })
    expect(learn(issue, [newer])).toMatchObject({
      first_seen: issue.first_seen,
      last_seen: new Date('2026-11-21T13:00:00Z'),
      level: LEVELS.indexOf('warning'),
      first_release: 'shop@1',
      last_release: 'shop@2',
    })
  })
  test('keeps its releases when the newest event names none', () => {
    const at = new Date('2026-11-21T12:00:00Z')
    const issue = makeIssue({ last_release: 'shop@1', last_release_at: at })
    const learnt = learn(issue, [makeEvent({ at: '2026-11-21T13:00:00Z' })])
    expect(learnt).toMatchObject({ last_release: 'shop@1', last_release_at: at })
  })
  test('that was not counted yet forgets what it was made with', () => {
    const issue = makeIssue({ event_count: 0, level: 4 })
    const only = makeEvent({ at: '2026-11-21T13:00:00Z', level: 'debug' })
    const at = new Date('2026-11-21T13:00:00Z')
    expect(learn(issue, [only])).toMatchObject({ first_seen: at, last_seen: at, level: 0 })
  })
  test('is the same whatever the order of its events and batches', () => {
    const said = fc.record({
      at: fc
        .date({
          min: new Date('2026-11-21T00:00:00Z'),
          max: new Date('2026-11-21T00:00:05Z'),
          noInvalidDate: true,
        })
        .map((moment) => new Date(Math.floor(moment.getTime() / 1000) * 1000).toISOString()),
      level: fc.constantFrom(...LEVELS),
      release: fc.option(fc.constantFrom('shop@1', 'shop@2', 'shop@3')),
    })
    const orders = fc
      .array(said, { minLength: 1, maxLength: 12 })
      .chain((all) =>
        fc.record({ all: fc.constantFrom(all), shuffled: fc.shuffledSubarray(all, { minLength: all.length }) }),
      )
    const uncounted = makeIssue({ event_count: 0 })
    fc.assert(
      fc.property(orders, ({ all, shuffled }) => {
        let issue = uncounted
        for (const one of shuffled) issue = { ...issue, ...learn(issue, [makeEvent(one)]), event_count: 1 }
        expect({ ...issue, event_count: 0 }).toEqual({ ...uncounted, ...learn(uncounted, all.map(makeEvent)) })
      }),
    )
  })
})

test('of releases of one moment the bytes decide, as they do in PostgreSQL', () => {
  const at = '2026-11-21T12:00:00Z'
  const [replaced, face] = ['shop@\uFFFD', 'shop@\u{1F600}'].map((release) => makeEvent({ at, release }))
  if (!replaced || !face) throw new Error('this test is wrong')
  const expected = { first_release: 'shop@\uFFFD', last_release: 'shop@\u{1F600}' }
  expect(learn(null, [replaced, face])).toMatchObject(expected)
  expect(learn(null, [face, replaced])).toMatchObject(expected)
})

test('events add up by issue and grouping, hour of receipt, tag and user', () => {
  const [one, other] = [makeIssue({ id: 1 }), makeIssue({ id: 2 })]
  const at = '2026-11-21T12:00:00Z'
  const later = '2026-11-21T13:00:00Z'
  const events = [
    makeEvent({
      at,
      receivedAt: '2026-11-21T23:59:59Z',
      tags: { flavour: 'sour' },
      user: { id: '5', ip_address: '203.0.113.1' },
    }),
    makeEvent({
      at: later,
      receivedAt: '2026-11-22T00:00:00Z',
      tags: { flavour: 'sour' },
      user: { id: '5', ip_address: '203.0.113.2' },
    }),
    makeEvent({ at, receivedAt: '2026-11-22T00:30:00Z', tags: { flavour: 'sweet' } }),
    makeEvent({ at: later, tags: { flavour: 'sour' }, user: { id: '5' }, groupingId: 3, level: 'fatal' }),
    makeEvent({ at, receivedAt: '2026-11-22T00:40:00Z', groupingId: 2 }),
  ]
  const [first, second] = sumIssues(events, (event) => (event === events[4] ? other : one))
  const [grouping, merged] = first?.groupings ?? []
  expect(first?.events).toHaveLength(4)
  expect(grouping?.hours.map(({ hour, event_count }) => [hour.toISOString(), event_count])).toEqual([
    ['2026-11-21T23:00:00.000Z', 1],
    ['2026-11-22T00:00:00.000Z', 2],
  ])
  const inIt = { project_id: PROJECT, grouping_id: 1 }
  expect(grouping?.tags.filter(({ tag_key }) => tag_key === 'flavour')).toEqual([
    { ...inIt, tag_key: 'flavour', tag_value: 'sour', event_count: 2 },
    { ...inIt, tag_key: 'flavour', tag_value: 'sweet', event_count: 1 },
  ])
  expect(grouping?.users).toEqual([{ ...inIt, issue_id: 1, user_key: expect.any(String), last_day: '2026-11-22' }])
  expect(grouping?.tags.map(({ tag_key }) => tag_key)).not.toContain('user')
  const errors = LEVELS.indexOf('error')
  expect(grouping?.update).toMatchObject({
    ...{ project_id: PROJECT, id: 1, issue_id: 1, event_count: 3, level: errors, first_release: null },
    ...{ first_seen: new Date(at), last_seen: new Date(later) },
  })
  expect(merged?.update).toMatchObject({ id: 3, issue_id: 1, event_count: 1, first_seen: new Date(later) })
  expect(merged?.users.map(({ user_key }) => user_key)).toEqual(grouping?.users.map(({ user_key }) => user_key))
  expect(second?.groupings.map(({ update }) => [update.id, update.issue_id, update.event_count])).toEqual([[2, 2, 1]])
})
