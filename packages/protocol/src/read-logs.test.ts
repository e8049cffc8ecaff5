import { expect, test } from 'vitest'
import { parseEventId } from './event-id.ts'
import { LOG_TAGS_MAX, LOGS_MAX } from './limits.ts'
import { normaliseEvent } from './normalise-event.ts'
import { readLogs } from './read-logs.ts'

const RECEIPT = {
  eventId: parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id'),
  receivedAt: new Date('2026-02-03T12:00:00Z'),
  sentAt: null,
  clientIp: null,
  userAgent: null,
  client: null,
}

const eventOf = (record: unknown) => {
  const [log] = readLogs({ items: [record] }).logs
  return normaliseEvent(log?.payload ?? expect.fail('no log'), RECEIPT)
}

test('a log becomes the event an SDK would have sent', () => {
  const attributes = {
    'sentry.message.template': { value: 'order %s of {0} failed', type: 'string' },
    'sentry.message.parameter.0': { value: '17', type: 'string' },
    'sentry.environment': { value: 'prod', type: 'string' },
    'sentry.release': { value: 'shop@1.2', type: 'string' },
    'sentry.sdk.name': { value: 'sentry.python', type: 'string' },
    'sentry.sdk.version': { value: '2.0.0', type: 'string' },
    'server.address': { value: 'web-1', type: 'string' },
    'user.id': { value: 42, type: 'integer' },
    'user.email': { value: 'ada@example.com', type: 'string' },
    'user.name': { value: 'ada', type: 'string' },
    'logger.name': { value: 'shop.orders', type: 'string' },
    seconds: { value: 1.5, type: 'double' },
    retried: { value: true, type: 'boolean' },
    api_token: { value: 'abc', type: 'string' },
    list: { value: [1], type: 'array' },
    bare: 'x',
  }
  const sent = {
    timestamp: 1770119999.5,
    trace_id: 'a'.repeat(32),
    level: 'error',
    body: 'order 17 failed',
    attributes,
  }
  expect(eventOf(sent)).toMatchObject({
    kind: 'message',
    level: 'error',
    occurredAt: new Date(1770119999500),
    message: { template: 'order %s of {0} failed', formatted: 'order 17 failed' },
    logger: 'shop.orders',
    environment: 'prod',
    release: 'shop@1.2',
    serverName: 'web-1',
    sdk: { name: 'sentry.python', version: '2.0.0' },
    user: { id: '42', email: 'ada@example.com', username: 'ada' },
    tags: expect.arrayContaining([
      { key: 'seconds', value: '1.5' },
      { key: 'retried', value: 'True' },
      { key: 'api_token', value: '[masked]' },
      { key: 'bare', value: 'x' },
    ]),
  })
  expect(readLogs({ items: [sent] }).logs[0]?.payload.tags).toHaveLength(4)
  expect(readLogs({ items: [sent] }).logs[0]?.payload.contexts).toMatchObject({ trace: { trace_id: 'a'.repeat(32) } })
})

test.each([
  ['a body alone', { body: 'x' }, { template: null, formatted: 'x' }],
  ['a body that is no text', { body: { a: 1 } }, { template: null, formatted: '{"a":1}' }],
  [
    'a template without its body',
    { attributes: { 'sentry.message.template': 'hi {who}', 'sentry.message.parameter.who': 'Ada' } },
    { template: 'hi {who}', formatted: 'hi Ada' },
  ],
  [
    'a parameter of a hostile name',
    { attributes: { 'sentry.message.template': 'hi %(__proto__)s', 'sentry.message.parameter.__proto__': 'Ada' } },
    { template: 'hi %(__proto__)s', formatted: 'hi Ada' },
  ],
  ['nothing', {}, null],
])('the message of %s', (_, record, message) => {
  expect(eventOf(record).message).toEqual(message)
})

test.each([
  [{ level: 'trace' }, 'debug'],
  [{ level: 'debug' }, 'debug'],
  [{ level: 'INFO' }, 'info'],
  [{ level: 'warn' }, 'warning'],
  [{ level: 'error', severity_number: 1 }, 'error'],
  [{ level: 'fatal' }, 'fatal'],
  [{ level: 'odd', severity_number: 17 }, 'error'],
  [{ severity_number: 1 }, 'debug'],
  [{ severity_number: 24 }, 'fatal'],
  [{ severity_number: 25 }, 'info'],
  [{ severity_number: 0 }, 'info'],
  [{}, 'info'],
])('the level of %j is %s', (record, level) => {
  expect(eventOf(record).level).toBe(level)
})

test('records beyond the bound, and what is none, are counted', () => {
  const items = [...Array.from({ length: LOGS_MAX - 1 }, () => ({ body: 'x' })), 7, {}, {}]
  const { logs, cut } = readLogs({ items })
  expect([logs.length, cut]).toEqual([LOGS_MAX - 1, 3])
})

test.each([{}, { items: null }, { items: { 0: {} } }])('%j holds no log', (payload) => {
  expect(readLogs(payload)).toEqual({ logs: [], cut: 0 })
})

test('no more attributes than a log may have tags', () => {
  const attributes = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`a${index}`, index]))
  expect(readLogs({ items: [{ attributes }] }).logs[0]?.payload.tags).toHaveLength(LOG_TAGS_MAX)
})
