import { describe, expect, test } from 'vitest'
import { eventIdFromHash } from './event-id.ts'
import { type EventReceipt, normaliseEvent } from './normalise-event.ts'

const RECEIPT: EventReceipt = {
  eventId: eventIdFromHash(Buffer.alloc(16, 1)),
  receivedAt: new Date('2026-01-31T12:00:00Z'),
  sentAt: null,
  clientIp: '203.0.113.7',
  userAgent: null,
  client: null,
}
const normalise = (payload: Record<string, unknown>, receipt: Partial<EventReceipt> = {}) =>
  normaliseEvent(payload, { ...RECEIPT, ...receipt })

test('an empty event has every field, and nothing in them', () => {
  const nothing = { name: null, version: null }
  expect(normalise({})).toEqual({
    id: RECEIPT.eventId,
    occurredAt: RECEIPT.receivedAt,
    kind: 'message',
    level: 'error',
    platform: 'other',
    logger: null,
    traceId: null,
    transaction: null,
    serverName: null,
    release: null,
    dist: null,
    environment: null,
    fingerprint: [],
    tags: [],
    message: null,
    exceptions: [],
    stacktrace: null,
    user: { id: null, email: null, username: null, ip: null },
    request: { url: null, method: null },
    contexts: {
      os: nothing,
      runtime: nothing,
      browser: nothing,
      app: { name: null, version: null, build: null },
      device: {
        manufacturer: null,
        brand: null,
        model: null,
        family: null,
        arch: null,
        chipset: null,
        connectionType: null,
        orientation: null,
        screenWidth: null,
        screenHeight: null,
        screenDensity: null,
        screenDpi: null,
        processorCount: null,
        memorySize: null,
      },
      culture: { locale: null, timezone: null },
    },
    sdk: nothing,
  })
})

test('the id is the receipt’s, whatever the payload says', () => {
  expect(normalise({ event_id: 'f'.repeat(32) }).id).toBe(RECEIPT.eventId)
})

test('the clock is corrected by what the envelope says', () => {
  const sentAt = new Date('2026-01-31T10:00:00Z')
  expect(normalise({ timestamp: '2026-01-31T09:59:00Z' }, { sentAt }).occurredAt).toEqual(
    new Date('2026-01-31T11:59:00Z'),
  )
})

test.each<[unknown, string]>([
  ['python', 'python'],
  ['Dart', 'dart'],
  ['', 'other'],
  ['a b', 'other'],
  ['x'.repeat(65), 'other'],
  [7, 'other'],
])('platform %j becomes %s', (platform, expected) => {
  expect(normalise({ platform }).platform).toBe(expected)
})

test('the environment is the field, else the tag, each where it is one', () => {
  expect(normalise({ environment: 'a', tags: { environment: 'b' } }).environment).toBe('a')
  expect(normalise({ environment: 'none', tags: { environment: 'b' } }).environment).toBe('b')
  expect(normalise({ tags: { environment: 'b/c' } }).environment).toBeNull()
})

test('a transaction’s name is trimmed, cut and has no secrets', () => {
  expect(normalise({ transaction: ' GET /a?token=1 ' }).transaction).toBe('GET /a?token=[masked]')
  expect(normalise({ transaction: 'x'.repeat(300) }).transaction).toHaveLength(200)
})

describe('a stack outside exceptions', () => {
  const stacktrace = { frames: [{ function: 'loose' }] }
  const own = { frames: [{ function: 'own' }] }
  const functions = (payload: Record<string, unknown>) => {
    const event = normalise(payload)
    return [...event.exceptions, event].map((holder) => holder.stacktrace?.frames[0]?.function ?? null)
  }
  test('moves into a lone exception without one', () => {
    expect(functions({ stacktrace, exception: { type: 'A' } })).toEqual(['loose', null])
    expect(functions({ 'sentry.interfaces.Stacktrace': stacktrace, exception: [{ type: 'A' }] })).toEqual([
      'loose',
      null,
    ])
  })
  test('does not replace the exception’s own', () => {
    expect(functions({ stacktrace, exception: { type: 'A', stacktrace: own } })).toEqual(['own', null])
  })
  test('belongs to none of several', () => {
    expect(functions({ stacktrace, exception: [{ type: 'A' }, { type: 'B' }] })).toEqual([null, null, null])
  })
  test('stays with an event without exceptions', () => {
    expect(functions({ stacktrace, message: 'x' })).toEqual(['loose'])
  })
  test.each<[string, unknown, string | null]>([
    ['the crashed thread', [{ stacktrace: own }, { crashed: true, stacktrace }], 'loose'],
    ['else the current one', { values: [{ stacktrace: own }, { current: true, stacktrace }] }, 'loose'],
    ['else the only one', { stacktrace }, 'loose'],
    ['not one of several', [{ stacktrace }, { stacktrace }], null],
    ['not one of two crashed', [{ crashed: true, stacktrace }, { crashed: true }], null],
  ])('may be that of a thread: %s', (_name, threads, expected) => {
    expect(functions({ message: 'x', threads })).toEqual([expected])
  })
})
