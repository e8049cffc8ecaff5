import { describe, expect, test } from 'vitest'
import { checkInEnvelope } from './check-in-envelope.ts'
import { parseEnvelope } from './envelope.ts'
import { CHECK_IN_BYTES_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const RECEIVED = new Date('2026-02-03T04:05:06.789Z')

type Input = Partial<{ slug: string; body: string; contentType: string | null; query: string; receivedAt: Date }>

function write({ slug = 'nightly', body = '', contentType = null, query = '', receivedAt = RECEIVED }: Input): Buffer {
  const params = new URLSearchParams(query)
  return checkInEnvelope({ slug, body: Buffer.from(body), contentType, query: params, receivedAt })
}

function read(input: Input): unknown {
  const { header, items, fault } = parseEnvelope(write(input))
  expect([header.eventId, fault, items.map(({ type }) => type)]).toEqual([null, null, ['check_in']])
  return JSON.parse(items[0]?.payload.toString() ?? '')
}

function faultOf(input: Input): unknown {
  try {
    return write(input)
  } catch (error) {
    return error instanceof ProtocolError ? [error.code, ...error.causes] : error
  }
}

describe('a check-in', () => {
  test.each<[string, Input]>([
    ['in the query', { query: `status=ok&check_in_id=${ID}&environment=prod&duration=1.5&release=a&other=1` }],
    [
      'in a form',
      {
        body: `status=ok&check_in_id=${ID}&environment=prod&duration=1.5&release=a`,
        contentType: 'application/x-www-form-urlencoded',
      },
    ],
    [
      'in JSON',
      {
        body: JSON.stringify({ status: 'ok', check_in_id: ID, environment: 'prod', duration: 1.5, release: 'a' }),
        contentType: 'application/json',
      },
    ],
    [
      'in JSON that curl calls a form',
      {
        body: `\n{"status":"ok","check_in_id":"${ID}","environment":"prod","duration":1.5,"release":"a"}`,
        contentType: 'application/x-www-form-urlencoded',
      },
    ],
    [
      'in both: the body counts, the query fills in',
      {
        body: `{"status":"ok","check_in_id":"${ID}","duration":1.5}`,
        query: 'status=error&environment=prod&release=a',
      },
    ],
    [
      'with the id as a UUID',
      { query: 'status=ok&check_in_id=9EC79C33-ec99-42ab-8353-589fcb2e04dc&environment=prod&duration=1.5&release=a' },
    ],
  ])('%s', (_name, input) => {
    expect(read(input)).toEqual({
      check_in_id: ID,
      monitor_slug: 'nightly',
      status: 'ok',
      duration: 1.5,
      environment: 'prod',
      release: 'a',
    })
  })
  test('keeps the configuration of its monitor and its trace', () => {
    const said = {
      monitor_config: { schedule: { type: 'crontab', value: '0 * * * *' } },
      contexts: { trace: { trace_id: ID } },
    }
    const body = JSON.stringify({ ...said, status: 'in_progress', monitor_slug: 'other', strange: 1 })
    expect(read({ body })).toEqual({ monitor_slug: 'nightly', status: 'in_progress', ...said })
  })
  test('needs no more than a status; odd fields are left out', () => {
    expect(read({ query: 'status=error' })).toEqual({ monitor_slug: 'nightly', status: 'error' })
    expect(read({ query: 'status=error&duration=long&environment=&check_in_id=' })).toEqual({
      monitor_slug: 'nightly',
      status: 'error',
    })
    const odd = {
      status: 'ok',
      duration: -1,
      environment: 7,
      release: null,
      check_in_id: null,
      monitor_config: 'x',
      contexts: [],
    }
    expect(read({ body: JSON.stringify(odd) })).toEqual({ monitor_slug: 'nightly', status: 'ok' })
  })
})

describe('two pings', () => {
  const later = new Date(RECEIVED.getTime() + 1)

  test.each(['status=ok', `status=ok&check_in_id=${'0'.repeat(32)}`])('%s are two', (query) => {
    expect(write({ query })).not.toEqual(write({ query, receivedAt: later }))
    expect(parseEnvelope(write({ query })).header.sentAt).toEqual(RECEIVED)
  })
  test('with the same id of their own are one', () => {
    const query = `status=ok&check_in_id=${ID}`
    expect(write({ query })).toEqual(write({ query, receivedAt: later }))
  })
})

describe('refused', () => {
  const status = 'status is in_progress, ok or error'
  const slug = 'a slug is 1 to 50 letters, digits, - or _'

  test.each<[unknown, Input]>([
    [['bad_check_in', status], {}],
    [['bad_check_in', status], { query: 'status=OK' }],
    [['bad_check_in', status], { query: 'status=missed' }],
    [['bad_check_in', status], { body: '{"status":1}' }],
    [['bad_check_in', slug], { slug: '', query: 'status=ok' }],
    [['bad_check_in', slug], { slug: 'a b', query: 'status=ok' }],
    [['bad_check_in', slug], { slug: 'é', query: 'status=ok' }],
    [['bad_check_in', slug], { slug: 'x'.repeat(51), query: 'status=ok' }],
    [['bad_check_in', slug], { slug: 'a\n', query: 'status=ok' }],
    [['bad_check_in', 'check_in_id is no UUID'], { query: 'status=ok&check_in_id=7' }],
    [['bad_check_in', 'check_in_id is no UUID'], { body: '{"status":"ok","check_in_id":7}' }],
    [['bad_json', '1 bytes that are not JSON'], { body: '{', query: 'status=ok' }],
    [['bad_json', 'a check-in is a JSON object'], { body: '[]', query: 'status=ok' }],
    [['bad_json', 'a check-in is a JSON object'], { body: 'status=ok', contentType: 'text/plain' }],
    [['item_too_large'], { body: 'x'.repeat(CHECK_IN_BYTES_MAX + 1) }],
  ])('%j', (fault, input) => {
    expect(faultOf(input)).toEqual(fault)
  })
  test('a configuration nested without end', () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
    expect(faultOf({ body: `{"status":"ok","monitor_config":{"a":${deep}}}` })).toEqual(['bad_json', 'nested too deep'])
  })
})
