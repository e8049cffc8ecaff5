import { expect, test } from 'vitest'
import { parseEventId } from './event-id.ts'
import { INTEGER_MAX } from './limits.ts'
import { readTraceId } from './read-trace-id.ts'
import { readTransaction } from './read-transaction.ts'

const ID = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id')
const NOW = new Date('2026-02-03T12:00:00Z')
const SECONDS = NOW.getTime() / 1000
const HOUR = 3600

const read = (payload: Record<string, unknown>, sentAt: Date | null = null) =>
  readTransaction(payload, { eventId: ID, receivedAt: NOW, sentAt })

test('a transaction as an SDK sends it', () => {
  const trace = { trace_id: '4C79F60C11214EB38604F4AE0781BFB2', op: ' http.server ', status: 'ok' }
  const sent = {
    transaction: ' GET /x?token=abc ',
    contexts: { trace },
    start_timestamp: SECONDS - 1.5,
    timestamp: '2026-02-03T11:59:59.750Z',
    release: 'a@1',
    environment: 'prod',
    spans: [{}],
  }
  expect(read(sent)).toEqual({
    id: ID,
    name: 'GET /x?token=[masked]',
    op: 'http.server',
    status: 'ok',
    traceId: '4c79f60c11214eb38604f4ae0781bfb2',
    startedAt: new Date('2026-02-03T11:59:58.500Z'),
    finishedAt: new Date('2026-02-03T11:59:59.750Z'),
    durationMs: 1250,
    environment: 'prod',
    release: 'a@1',
  })
})

test('an empty one happened on receipt and took no time', () => {
  expect(read({})).toEqual({
    id: ID,
    name: null,
    op: null,
    status: null,
    traceId: null,
    startedAt: NOW,
    finishedAt: NOW,
    durationMs: 0,
    environment: null,
    release: null,
  })
})

test('the environment may be a tag, and fields of the wrong type are lost alone', () => {
  const odd = { transaction: 7, contexts: { trace: { op: {}, status: 5 } }, environment: 1, release: 'latest' }
  const tags = [['environment', 'staging']]
  expect(read({ ...odd, tags })).toMatchObject({
    name: null,
    op: null,
    status: null,
    release: null,
    environment: 'staging',
  })
})

test.each([
  { name: 'it ends before it begins', start: SECONDS, end: SECONDS - 9, durationMs: 0, finished: -9 },
  { name: 'no end', start: SECONDS - 9, end: null, durationMs: 0, finished: -9 },
  { name: 'no beginning', start: 'soon', end: SECONDS - 9, durationMs: 0, finished: -9 },
  { name: 'a beginning in 1970', start: 0, end: SECONDS, durationMs: INTEGER_MAX, finished: 0 },
  {
    name: 'a clock an hour ahead',
    start: SECONDS + HOUR - 4,
    end: SECONDS + HOUR,
    sent: HOUR,
    durationMs: 4000,
    finished: 0,
  },
  { name: 'a year old', start: 1.7e9 - 3, end: 1.7e9, durationMs: 3000, finished: 0 },
])('times: $name', ({ start, end, durationMs, finished, sent }) => {
  const sentAt = sent === undefined ? null : new Date((SECONDS + sent) * 1000)
  const transaction = read({ start_timestamp: start, timestamp: end }, sentAt)
  expect(transaction.durationMs).toBe(durationMs)
  expect(transaction.finishedAt).toEqual(new Date((SECONDS + finished) * 1000))
  expect(transaction.finishedAt.getTime() - transaction.startedAt.getTime()).toBe(durationMs)
})

test.each([
  [undefined, null],
  [{ trace: null }, null],
  [{ trace: { trace_id: 7 } }, null],
  [{ trace: { trace_id: '4c79f60c' } }, null],
  [{ trace: { trace_id: '0'.repeat(32) } }, null],
  [{ trace: { trace_id: 'A'.repeat(32) } }, 'a'.repeat(32)],
])('the trace of %j is %j', (contexts, traceId) => {
  expect(readTraceId(contexts)).toBe(traceId)
})
