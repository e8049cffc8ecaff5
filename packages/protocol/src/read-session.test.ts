import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INTEGER_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { readSession, SESSION_STATUSES } from './read-session.ts'

const MINUTE = 60 * 1000
const DAY = 24 * 60 * MINUTE
const receivedAt = new Date('2026-11-21T12:00:00Z')
const at = (ms: number) => new Date(receivedAt.getTime() + ms)
const seconds = (ms: number) => (receivedAt.getTime() + ms) / 1000
const SID = 'e3ad7a4e-9ff6-4ba9-8f1c-0a4c5a4b9b7e'

function read(changes: object = {}, sentAt: Date | null = null) {
  const attrs = { release: 'shop@1.2.0', environment: 'production' }
  return readSession({ sid: SID, started: seconds(-MINUTE), attrs, ...changes }, { receivedAt, sentAt })
}

function causeOf(changes: object, sentAt: Date | null = null): unknown {
  try {
    return read(changes, sentAt)
  } catch (error) {
    return error instanceof ProtocolError && error.code === 'bad_session' ? error.causes : error
  }
}

test('an update is read as SDKs send it', () => {
  const update = {
    sid: SID,
    did: 'b3ef3211-58a4-4b36-a9a1-5a55df0d9aaf',
    seq: 3,
    init: false,
    timestamp: '2026-11-21T11:59:30.500Z',
    started: '2026-11-21T11:59:00Z',
    duration: 30.5,
    status: 'abnormal',
    errors: 2,
    abnormal_mechanism: 'anr_foreground',
    attrs: { release: 'shop@1.2.0', environment: 'production', ip_address: '::1', user_agent: 'Mozilla' },
  }
  expect(readSession(update, { receivedAt, sentAt: null })).toEqual({
    sid: SID,
    did: 'b3ef3211-58a4-4b36-a9a1-5a55df0d9aaf',
    seq: 3,
    startedAt: new Date('2026-11-21T11:59:00Z'),
    timestamp: new Date('2026-11-21T11:59:30.500Z'),
    status: 'abnormal',
    errors: 2,
    duration: 30.5,
    abnormalMechanism: 'anr_foreground',
    release: 'shop@1.2.0',
    environment: 'production',
  })
})

test('what an update does not say has its default', () => {
  expect(readSession({ sid: SID, started: seconds(0), attrs: { release: 'a' } }, { receivedAt, sentAt: null })).toEqual(
    {
      sid: SID,
      did: null,
      seq: receivedAt.getTime(),
      startedAt: receivedAt,
      timestamp: receivedAt,
      status: 'ok',
      errors: 0,
      duration: null,
      abnormalMechanism: null,
      release: 'a',
      environment: null,
    },
  )
})

test.for<[string, object]>([
  ['started is missing or no time', { started: undefined }],
  ['started is missing or no time', { started: 'yesterday' }],
  ['started is more than 60 seconds ahead', { started: seconds(MINUTE + 1) }],
  ['started is more than 5 days ago', { started: seconds(-5 * DAY - 1) }],
  ['status is none of ok, exited, errored, unhandled, abnormal, crashed', { status: 'degraded' }],
  ['status is none of ok, exited, errored, unhandled, abnormal, crashed', { status: 7 }],
  ['attrs.release is missing or names no release', { attrs: { environment: 'production' } }],
  ['attrs.release is missing or names no release', { attrs: { release: 'latest' } }],
  ['attrs.release is missing or names no release', { attrs: null }],
  ['sid is not a UUID', { sid: 'me' }],
  ['sid is not a UUID', { sid: 7 }],
  ['seq is at the end of 64 bits', { seq: JSON.parse('18446744073709551615') }],
])('"%s" drops %j', ([cause, changes]) => {
  expect(causeOf(changes)).toEqual([cause])
})

describe('seq', () => {
  test.for<[object, number]>([
    [{ seq: 7 }, 7],
    [{ seq: 7, init: true }, 0],
    [{ seq: 7, init: 'true' }, 7],
    [{ timestamp: seconds(-10) }, receivedAt.getTime() - 10],
    [{ timestamp: seconds(-2 * MINUTE) }, receivedAt.getTime() - MINUTE],
    [{ seq: -1, timestamp: seconds(-10) }, receivedAt.getTime() - 10],
    [{ seq: '3', timestamp: seconds(-10) }, receivedAt.getTime() - 10],
    [{ seq: 2 ** 60 }, Number.MAX_SAFE_INTEGER],
  ])('of %j is %i', ([changes, seq]) => {
    expect(read(changes).seq).toBe(seq)
  })
})

test.each(SESSION_STATUSES)('a session that is %s has an error exactly when that is one', (status) => {
  const least = status === 'ok' || status === 'exited' ? 0 : 1
  expect(read({ status }).errors).toBe(least)
  expect(read({ status, errors: 5 }).errors).toBe(5)
})

test.for<[object, object]>([
  [{ errors: -1 }, { errors: 0 }],
  [{ errors: 1.5 }, { errors: 0 }],
  [{ errors: '4' }, { errors: 0 }],
  [{ errors: 1e300 }, { errors: INTEGER_MAX }],
  [{ duration: -1 }, { duration: null }],
  [{ duration: Number.POSITIVE_INFINITY }, { duration: null }],
  [{ duration: '1' }, { duration: null }],
  [{ abnormal_mechanism: 'other' }, { abnormalMechanism: null }],
  [{ attrs: { release: 'a', environment: 'a/b' } }, { environment: null }],
  [{ did: '' }, { did: null }],
  [{ did: '00000000-0000-0000-0000-000000000000' }, { did: null }],
  [{ did: 42 }, { did: '42' }],
  [{ did: 'a\0b' }, { did: 'a\ufffdb' }],
  [{ sid: SID.toUpperCase().replaceAll('-', '') }, { sid: SID }],
  [{ timestamp: seconds(-DAY) }, { timestamp: at(-MINUTE) }],
])('%j costs no session and becomes %j', ([changes, expected]) => {
  expect(read(changes)).toMatchObject(expected)
})

describe('a session without an id', () => {
  const sidOf = (changes: object, receipt = { receivedAt, sentAt: null as Date | null }) =>
    readSession({ started: seconds(0), attrs: { release: 'a' }, ...changes }, receipt).sid

  test('has one of its own, the same however often and whenever it arrives', () => {
    const sid = sidOf({})
    expect(sid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(sidOf({ sid: null })).toBe(sid)
    expect(sidOf({ sid: '0'.repeat(32) })).toBe(sid)
    expect(sidOf({}, { receivedAt: at(5 * MINUTE), sentAt: at(120 * MINUTE) })).toBe(sid)
  })
  test.for([{ did: 'x' }, { started: seconds(-1) }, { status: 'exited' }, { seq: 1 }, { attrs: { release: 'b' } }])(
    'is another with %j',
    (changes) => {
      expect(sidOf(changes)).not.toBe(sidOf({}))
    },
  )
})

describe('the start of a session', () => {
  test('is corrected by a clock that is off by 55 minutes and more', () => {
    const drifted = read({ started: seconds(-2 * DAY), timestamp: seconds(-2 * DAY + 5) }, at(-2 * DAY + 10))
    expect(drifted).toMatchObject({ startedAt: at(-10), timestamp: at(-5) })
    expect(read({ started: seconds(-MINUTE) }, at(-54 * MINUTE)).startedAt).toEqual(at(-MINUTE))
  })
  test('may be five days old or a minute ahead, after that correction', () => {
    expect(read({ started: seconds(-5 * DAY) }).startedAt).toEqual(at(-5 * DAY))
    expect(read({ started: seconds(MINUTE) }).startedAt).toEqual(at(MINUTE))
    expect(read({ started: seconds(-30 * DAY) }, at(-30 * DAY)).startedAt).toEqual(receivedAt)
    expect(causeOf({ started: seconds(0) }, at(6 * DAY))).toEqual(['started is more than 5 days ago'])
  })
})

test('no JSON makes it throw anything but bad_session, and what it gives fits its columns', () => {
  const names = 'sid did seq init timestamp started duration status errors abnormal_mechanism attrs'.split(' ')
  const fields = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom(seconds(0), SID, 'ok', 2 ** 63, { release: 'a' }),
  )
  const payloads = fc.dictionary(fc.constantFrom(...names), fields)
  const base = { started: seconds(0), attrs: { release: 'a' } }
  fc.assert(
    fc.property(payloads, fc.boolean(), (payload, isFilled) => {
      const update = causeOf(isFilled ? { ...payload, ...base } : payload)
      if (Array.isArray(update)) return
      expect(update).toEqual({
        sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        did: expect.toSatisfy((did) => did === null || (did.length > 0 && Array.from(did).length <= 128)),
        seq: expect.toSatisfy((seq) => Number.isSafeInteger(seq) && seq >= 0),
        startedAt: expect.any(Date),
        timestamp: expect.any(Date),
        status: expect.toBeOneOf([...SESSION_STATUSES]),
        errors: expect.toSatisfy((errors) => Number.isInteger(errors) && errors >= 0 && errors <= INTEGER_MAX),
        duration: expect.toSatisfy((duration) => duration === null || (Number.isFinite(duration) && duration >= 0)),
        abnormalMechanism: expect.toBeOneOf([null, 'anr_foreground', 'anr_background']),
        release: expect.any(String),
        environment: expect.toBeOneOf([null, expect.any(String)]),
      })
    }),
    { seed: 20261121, numRuns: 2_000 },
  )
})
