import { expect, test } from 'vitest'
import { checkInEnvelope } from './check-in-envelope.ts'
import { parseEnvelope } from './envelope.ts'
import { parseEventJson } from './event-json.ts'
import { readCheckIn } from './read-check-in.ts'

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const LEAST = { monitor_slug: 'nightly', status: 'ok' }

test('a check-in as an SDK sends it', () => {
  const sent = { ...LEAST, check_in_id: ID, duration: 1.5, environment: 'prod', release: 'a@1', monitor_config: {} }
  expect(readCheckIn(sent)).toEqual({
    id: ID,
    monitorSlug: 'nightly',
    status: 'ok',
    duration: 1.5,
    environment: 'prod',
    release: 'a@1',
  })
})

test('one of the /cron/ endpoint is read back', () => {
  const envelope = checkInEnvelope({
    slug: 'nightly',
    body: Buffer.from('status=in_progress&duration=3'),
    contentType: 'application/x-www-form-urlencoded',
    query: new URLSearchParams('check_in_id=00000000-0000-0000-0000-000000000000'),
    receivedAt: new Date(0),
  })
  const [item] = parseEnvelope(envelope).items
  expect(readCheckIn(parseEventJson(item?.payload ?? Buffer.of()))).toMatchObject({
    id: null,
    monitorSlug: 'nightly',
    status: 'in_progress',
    duration: 3,
  })
})

test.each([
  [{ duration: -1 }, { duration: null }],
  [{ duration: '5' }, { duration: null }],
  [{ check_in_id: 'x' }, { id: null }],
  [
    { environment: 'none', release: '..' },
    { environment: null, release: null },
  ],
  [{ monitor_slug: ` ${'s'.repeat(60)}` }, { monitorSlug: 's'.repeat(50) }],
  [{ monitor_slug: 'a\0b' }, { monitorSlug: 'a\ufffdb' }],
])('%j costs a detail at most', (odd, expected) => {
  expect(readCheckIn({ ...LEAST, ...odd })).toMatchObject(expected)
})

test.each([{ monitor_slug: ' ' }, { monitor_slug: 7 }, { monitor_slug: null }, { status: 'missed' }, { status: null }])(
  '%j is no check-in',
  (odd) => {
    expect(() => readCheckIn({ ...LEAST, ...odd })).toThrow(expect.objectContaining({ code: 'bad_check_in' }))
  },
)
