import { describe, expect, test } from 'vitest'
import { INTEGER_MAX } from './limits.ts'
import { readSessions } from './read-sessions.ts'

const receivedAt = new Date('2026-11-21T12:00:30Z')
const NONE = { exited: 0, errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }
const started = '2026-11-21T11:59:42.7Z'
const startedAt = new Date('2026-11-21T11:59:00Z')

function read(aggregates: unknown, sentAt: Date | null = null) {
  return readSessions({ aggregates, attrs: { release: 'shop@1' } }, { receivedAt, sentAt })
}

test('sums are read as SDKs send them', () => {
  const payload = {
    aggregates: [
      { started: '2026-11-21T11:59:00.000Z', exited: 12, errored: 3 },
      { started: '2026-11-21T11:58:00.000Z', did: 'mia', exited: 1, abnormal: 2, crashed: 4, unhandled: 5 },
    ],
    attrs: { release: 'shop@1', environment: 'production', user_agent: 'x' },
  }
  expect(readSessions(payload, { receivedAt, sentAt: null })).toEqual({
    release: 'shop@1',
    environment: 'production',
    buckets: [
      { ...NONE, startedAt, did: null, exited: 12, errored: 3 },
      {
        startedAt: new Date('2026-11-21T11:58:00Z'),
        did: 'mia',
        exited: 1,
        errored: 0,
        unhandled: 5,
        abnormal: 2,
        crashed: 4,
      },
    ],
    dropped: 0,
  })
})

test('sums of no release are dropped', () => {
  const sums = { aggregates: [{ started, exited: 1 }], attrs: {} }
  expect(() => readSessions(sums, { receivedAt, sentAt: null })).toThrow(
    expect.objectContaining({ code: 'bad_session' }),
  )
})

describe('a bucket', () => {
  test('starts with its minute, by the server’s clock', () => {
    expect(read([{ started, exited: 1 }]).buckets).toEqual([{ ...NONE, startedAt, did: null, exited: 1 }])
    const [bucket] = read([{ started: '2026-11-11T12:00:10Z', exited: 1 }], new Date('2026-11-11T12:00:30Z')).buckets
    expect(bucket?.startedAt).toEqual(new Date('2026-11-21T12:00:00Z'))
  })
  test('of nothing is not there, and none was lost', () => {
    expect(read([{ started }, { started, exited: 0, crashed: -3 }])).toMatchObject({ buckets: [], dropped: 0 })
  })
  test('counts odd numbers as 0 and huge ones as the most a column holds', () => {
    const odd = { started, exited: -1, errored: 1.5, unhandled: '3', abnormal: null, crashed: 1e300 }
    expect(read([odd]).buckets).toEqual([{ ...NONE, startedAt, did: null, crashed: INTEGER_MAX }])
  })
  test('that is bad costs only itself, and is counted', () => {
    const bad = [
      null,
      7,
      {},
      { exited: 1 },
      { started: '2026-11-16T12:00:29Z', exited: 1 },
      { started: '2027-01-01T00:00:00Z' },
    ]
    expect(read([...bad, { started, exited: 1 }])).toMatchObject({ buckets: [{ exited: 1 }], dropped: bad.length })
  })
  test('beyond a thousand is cut, and counted', () => {
    const { buckets, dropped } = read(Array.from({ length: 1_003 }, () => ({ started, exited: 1 })))
    expect([buckets.length, dropped]).toEqual([1_000, 3])
  })
})

test.each([undefined, null, 'x', {}, 7])('aggregates that are %j are none', (aggregates) => {
  expect(read(aggregates)).toMatchObject({ buckets: [], dropped: 0 })
})
