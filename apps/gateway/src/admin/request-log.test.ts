import { parseProjectId } from '@rumen/protocol/project-id'
import { createLogger } from '@rumen/telemetry/logger'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NotKeptError } from '../keep/keep.ts'
import { createRequestLog, type LoggedRequest } from './request-log.ts'

const REFUSED: LoggedRequest = {
  requestId: 'id-1',
  projectId: parseProjectId('7'),
  endpoint: 'envelope',
  status: 429,
  outcome: 'rate_limited',
  reason: 'ip',
  client: 'sentry.javascript.browser/11.12.0',
}
const ACCEPTED: LoggedRequest = { ...REFUSED, status: 200, outcome: 'archived', reason: '' }
const NOT_KEPT: LoggedRequest = { ...REFUSED, status: 503, outcome: 'not_kept', reason: 'not_kept' }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A log, and the lines it wrote: level, fields, message. */
function makeLog(level = 'info') {
  const logger = createLogger({ role: 'test', level })
  const written: [level: string, fields: Record<string, unknown>, message: unknown][] = []
  for (const name of ['debug', 'info', 'error'] as const) {
    vi.spyOn(logger, name).mockImplementation((fields: unknown, message?: unknown) => {
      written.push([name, { ...(fields as object) }, message])
    })
  }
  return { log: createRequestLog(logger), written }
}

test('a refusal is one line with all that identifies it', () => {
  const { log, written } = makeLog()
  log.refused(REFUSED, new Error('over the limit'))
  expect(written).toEqual([
    [
      'info',
      {
        requestId: 'id-1',
        projectId: '7',
        endpoint: 'envelope',
        status: 429,
        outcome: 'rate_limited',
        reason: 'ip',
        sdk: 'sentry.javascript.browser',
      },
      'request refused',
    ],
  ])
})

test('what could not be kept is an error, with the cause behind it', () => {
  const { log, written } = makeLog('error')
  const cause = new Error('the spool holds SPOOL_MAX_BYTES')
  log.refused(NOT_KEPT, new NotKeptError(cause))
  expect(written).toMatchObject([['error', { outcome: 'not_kept', err: cause }, 'request not kept']])
})

test.for([
  ['a'.repeat(32), null],
  [`${'A'.repeat(32)}/1.0`, null],
  ['sentry.python/2.1', 'sentry.python'],
  ['raven-js', 'raven-js'],
  ['two words/1', null],
  ['{"a":1}', null],
  ['x'.repeat(65), null],
  ['/1.0', null],
  ['', null],
  [null, null],
] as const)('of a client that calls itself %j the log says %j', ([client, sdk]) => {
  const { log, written } = makeLog()
  log.refused({ ...REFUSED, client }, null)
  expect(written[0]?.[1].sdk).toBe(sdk)
})

test('accepted requests are logged at debug, and cost nothing otherwise', () => {
  const quiet = makeLog('info')
  quiet.log.accepted(ACCEPTED, 1.5)
  expect(quiet.written).toEqual([])
  const loud = makeLog('debug')
  loud.log.accepted(ACCEPTED, 1.5)
  expect(loud.written).toMatchObject([['debug', { requestId: 'id-1', ms: 1.5 }, 'request accepted']])
})

test('a flood of refusals is ten lines a second, and one that says how many were left out', () => {
  const { log, written } = makeLog()
  for (let n = 0; n < 1000; n++) log.refused(REFUSED, null)
  expect(written).toHaveLength(10)
  vi.advanceTimersByTime(1_000)
  expect(written.slice(10)).toEqual([['info', { leftOut: 990 }, 'further requests refused']])
  for (let n = 0; n < 5; n++) log.refused(REFUSED, null)
  vi.advanceTimersByTime(10_000)
  expect(written, 'nothing was left out the second time').toHaveLength(16)
})

test('a flood of refusals hides no failure', () => {
  const { log, written } = makeLog()
  for (let n = 0; n < 100; n++) log.refused(REFUSED, null)
  log.refused(NOT_KEPT, new NotKeptError(null))
  expect(written.filter(([level]) => level === 'error')).toHaveLength(1)
})

test('what was left out is told before it stops', () => {
  const { log, written } = makeLog()
  for (let n = 0; n < 12; n++) log.refused(REFUSED, null)
  log.stop()
  expect(written.at(-1)).toEqual(['info', { leftOut: 2 }, 'further requests refused'])
  vi.advanceTimersByTime(10_000)
  expect(written).toHaveLength(11)
})
