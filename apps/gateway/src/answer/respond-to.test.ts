import { ProtocolError, type ProtocolErrorCode } from '@rumen/protocol/protocol-error'
import { createLogger } from '@rumen/telemetry/logger'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { OverloadedError } from '../keep/group-commit.ts'
import { Refusal } from './refusal.ts'
import { createErrorHandler } from './respond-to.ts'

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
}

/** Object.entries forgets what the keys are; these are the codes and nothing else. */
const CASES = Object.entries(EXPECTED) as [ProtocolErrorCode, number][]

async function answerTo(error: Error): Promise<Response> {
  const app = new Hono()
  app.onError(createErrorHandler(createLogger({ role: 'test', level: 'silent' })))
  app.post('/', () => {
    throw error
  })
  return await app.request('/', { method: 'POST' })
}

describe('a fault of the input', () => {
  test.for(CASES)('%s is answered %i', async ([code, status]) => {
    const response = await answerTo(new ProtocolError(code, ['the second line']))
    expect(response.status).toBe(status)
    const detail = new ProtocolError(code).message
    expect(await response.json()).toEqual({ detail, causes: ['the second line'] })
    expect(response.headers.get('x-sentry-error')).toBe(detail)
  })

  test('without causes names none', async () => {
    const response = await answerTo(new ProtocolError('bad_json'))
    expect(await response.json()).toEqual({ detail: 'invalid JSON data' })
  })

  test('in the encoding says which encodings are understood', async () => {
    const response = await answerTo(new ProtocolError('unknown_encoding'))
    expect(response.headers.get('accept-encoding')).toBe('gzip, deflate, br, zstd')
  })

  test('cannot break the header that names it', async () => {
    const response = await answerTo(new ProtocolError('bad_json', [], `zwei\r\nX-Evil: 1 ü ${'x'.repeat(500)}`))
    expect(response.headers.get('x-evil')).toBeNull()
    expect(response.headers.get('x-sentry-error')).toHaveLength(200)
  })
})

test.for([
  ['unknown_key', 403],
  ['body_too_large', 413],
  ['body_cut', 400],
] as const)('the refusal %s is answered %i', async ([reason, status]) => {
  const response = await answerTo(new Refusal(reason))
  expect(response.status).toBe(status)
  // Closed with unread bytes in it, a connection is reset, and the answer lost with it.
  expect(response.headers.get('connection')).toBeNull()
})

test('overload is answered 429 with the pause every SDK understands', async () => {
  const response = await answerTo(new OverloadedError())
  expect(response.status).toBe(429)
  expect(response.headers.get('retry-after')).toBe('5')
  expect(response.headers.get('x-sentry-rate-limits')).toBe('5::organization')
})

test('anything else is answered 503, says nothing of the database, and never asks to retry', async () => {
  const response = await answerTo(new Error('relation "archive" does not exist'))
  expect(response.status).toBe(503)
  expect(response.headers.get('retry-after')).toBeNull()
  expect(response.headers.get('x-sentry-rate-limits')).toBeNull()
  expect(await response.text()).not.toContain('archive')
})
