import { ProtocolError, type ProtocolErrorCode } from '@rumen/protocol/protocol-error'
import { describe, expect, test } from 'vitest'
import { NotKeptError } from '../keep/keep.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'
import { Refusal } from './refusal.ts'
import { failureOf, keepsUnanswered, LimitedError } from './refuse.ts'
import { replyRefused } from './reply.ts'

/** What SDKs are promised (Sentry's ingestion protocol): 4xx for every fault of the input, and which. */
const EXPECTED: Record<ProtocolErrorCode, number> = {
  missing_authorization: 401,
  multiple_authorizations: 401,
  bad_authorization: 401,
  bad_dsn: 401,
  bad_public_key: 400,
  unsupported_version: 400,
  bad_project_id: 400,
  dsn_mismatch: 400,
  empty_body: 400,
  unknown_encoding: 415,
  undecodable_body: 400,
  decoded_too_large: 413,
  header_too_large: 400,
  bad_envelope_header: 400,
  bad_item_header: 400,
  bad_framing: 400,
  too_many_items: 400,
  item_too_large: 413,
  second_event: 400,
  bad_json: 400,
  unsupported_media_type: 415,
  bad_multipart: 400,
  missing_minidump: 400,
  invalid_minidump: 400,
  bad_event_id: 400,
  bad_check_in: 400,
  bad_user_report: 400,
  bad_feedback: 400,
  bad_session: 400,
  bad_security_report: 400,
}

/** Object.entries forgets what the keys are; these are the codes and nothing else. */
const CASES = Object.entries(EXPECTED) as [ProtocolErrorCode, number][]

function answerTo(error: unknown): Response {
  return replyRefused(failureOf(error))
}

describe('a fault of the input', () => {
  test.for(CASES)('%s is answered %i', async ([code, status]) => {
    const response = answerTo(new ProtocolError(code, ['the second line']))
    expect(response.status).toBe(status)
    const detail = new ProtocolError(code).message
    expect(await response.json()).toEqual({ detail, causes: ['the second line'] })
    expect(response.headers.get('x-sentry-error')).toBe(detail)
  })

  test('without causes names none', async () => {
    const response = answerTo(new ProtocolError('bad_json'))
    expect(await response.json()).toEqual({ detail: 'invalid JSON data' })
  })

  test('in the encoding says which encodings are understood', async () => {
    const response = answerTo(new ProtocolError('unknown_encoding'))
    expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, br, zstd')
  })

  test('cannot break the header that names it', async () => {
    const response = answerTo(new ProtocolError('bad_json', [], `zwei\r\nX-Evil: 1 ü ${'x'.repeat(500)}`))
    expect(response.headers.get('x-evil')).toBeNull()
    expect(response.headers.get('x-sentry-error')).toHaveLength(200)
  })
})

test.for([
  ['unknown_key', 403],
  ['unknown_dsn', 404],
  ['not_taken', 403],
  ['body_too_large', 413],
  ['body_cut', 400],
  ['body_late', 408],
  ['body_slow', 408],
  ['disk_full', 503],
] as const)('the refusal %s is answered %i', async ([reason, status]) => {
  const response = answerTo(new Refusal(reason))
  expect(response.status).toBe(status)
  // Closed with unread bytes in it, a connection is reset, and the answer lost with it.
  expect(response.headers.get('connection')).toBeNull()
})

test('a limit is answered 429 with the pause every SDK understands, and counted under its reason', async () => {
  const limit = { reason: 'project', scope: 'project', retryAfterSecs: 7, detail: 'too many' } as const
  const response = answerTo(new LimitedError(limit))
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('7')
  expect(response.headers.get('x-sentry-rate-limits')).toBe(rateLimitHeaders(limit)['X-Sentry-Rate-Limits'])
  expect(failureOf(new LimitedError(limit))).toMatchObject({ outcome: 'rate_limited', reason: 'project' })
})

test('every answer is readable from every origin', () => {
  for (const error of [new ProtocolError('bad_json'), new Refusal('unknown_key'), new Error('no')]) {
    expect(answerTo(error).headers.get('access-control-allow-origin')).toBe('*')
  }
})

test.for([
  ['sentry.java.android/7.0', true],
  ['sentry.cocoa/8.1', true],
  ['sentry.dotnet/4.0.0', true],
  ['sentry.native/0.7', true],
  ['sentry.java/7.0', false],
  ['sentry.native.android', true],
  ['sentry.javascript.browser/9.0', false],
  [null, false],
] as const)('%s keeps what got no answer: %s', ([client, keeps]) => {
  expect(keepsUnanswered(client)).toBe(keeps)
})

test('anything else is answered 503, says nothing of the database, and never asks to retry', async () => {
  const response = answerTo(new NotKeptError(new Error('relation "archive" does not exist')))
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBeNull()
  expect(response.headers.get('x-sentry-rate-limits')).toBeNull()
  expect(await response.text()).not.toContain('archive')
})
