import { describe, expect, test } from 'vitest'
import type { SpoolState } from '../spool/spool.ts'
import { createAdminApp } from './admin-app.ts'
import type { GatewayState, QueueGauges } from './gateway-state.ts'

const QUEUE: QueueGauges = { waiting: 12, active: 3, oldestSeconds: 2, dead: 1, ageSeconds: 4 }
const SPOOL: SpoolState = {
  bytes: 0,
  bytesMax: 1000,
  unverifiedBytes: 0,
  keptAsideBytes: 0,
  records: 0,
  segments: 0,
  oldestReceivedAt: null,
  isDiskLow: false,
}

/** A gateway with nothing to complain of; what is given wins. */
function makeState(given: Partial<GatewayState> = {}): GatewayState {
  return {
    isStopping: () => false,
    canCommit: () => true,
    canSpool: () => true,
    breaker: () => 'closed',
    spool: () => SPOOL,
    partitionDaysAhead: () => 14,
    queue: () => QUEUE,
    bytesInFlight: () => 0,
    pendingReceipts: () => 0,
    connections: () => 0,
    ...given,
  }
}

async function ask(path: string, given: Partial<GatewayState> = {}): Promise<{ code: number; body: unknown }> {
  const metrics = { text: async () => 'rumen_up 1\n', contentType: 'text/plain; version=0.0.4' }
  const app = createAdminApp({ state: makeState(given), metrics, version: '1.2.3' })
  const response = await app.request(path)
  return { code: response.status, body: await response.json() }
}

test('a gateway that is well says so, and what it knows of the queue', async () => {
  expect(await ask('/health')).toEqual({
    code: 200,
    body: {
      status: 'ok',
      version: '1.2.3',
      role: 'gateway',
      checks: {
        database: { status: 'ok', breaker: 'closed' },
        spool: { status: 'ok', records: 0, bytes: 0, bytes_max: 1000, kept_aside_bytes: 0, oldest_seconds: null },
        partitions: { status: 'ok', days_ahead: 14 },
        queue: { status: 'ok' },
      },
      queue: { waiting: 12, active: 3, oldest_seconds: 2, dead: 1, age_seconds: 4 },
    },
  })
})

const AWAY = { canCommit: () => false, breaker: () => 'open' } as const satisfies Partial<GatewayState>

describe('the status code speaks for this gateway alone: it is 200', () => {
  const cases: readonly [name: string, given: Partial<GatewayState>, check: string, status: string][] = [
    ['while the database is away and the spool takes everything', AWAY, 'database', 'failing'],
    ['while the breaker tries the database again', { breaker: () => 'half-open' }, 'database', 'failing'],
    ['while the spool is full and the database is there', { canSpool: () => false }, 'spool', 'failing'],
    ['while the spool is drained', { spool: () => ({ ...SPOOL, records: 3 }) }, 'spool', 'degraded'],
    ['while something was kept aside', { spool: () => ({ ...SPOOL, keptAsideBytes: 3 }) }, 'spool', 'degraded'],
    ['while partitions run out', { partitionDaysAhead: () => 2 }, 'partitions', 'failing'],
    ['while workers lag', { queue: () => ({ ...QUEUE, oldestSeconds: 301 }) }, 'queue', 'degraded'],
    ['while nobody measures the queue', { queue: () => ({ ...QUEUE, ageSeconds: 61 }) }, 'queue', 'degraded'],
  ]

  test.for(cases)('%s', async ([, given, check, status]) => {
    expect(await ask('/health', given)).toMatchObject({
      code: 200,
      body: { status: 'degraded', checks: { [check]: { status } } },
    })
  })

  test('just above and below what is too much', async () => {
    const just: Partial<GatewayState> = {
      partitionDaysAhead: () => 3,
      queue: () => ({ ...QUEUE, oldestSeconds: 300, ageSeconds: 60 }),
    }
    expect(await ask('/health', just)).toMatchObject({ code: 200, body: { status: 'ok' } })
  })

  test('while nothing is known yet of queue and partitions, and without a spool', async () => {
    const given = { queue: () => null, partitionDaysAhead: () => null, spool: () => null, canSpool: () => false }
    expect(await ask('/health', given)).toMatchObject({
      code: 200,
      body: {
        status: 'ok',
        checks: { spool: { status: 'off' }, partitions: { status: 'unknown' }, queue: { status: 'unknown' } },
        queue: null,
      },
    })
  })
})

test('it is 503 when what comes would be lost', async () => {
  expect(await ask('/health', { ...AWAY, canSpool: () => false })).toMatchObject({
    code: 503,
    body: { status: 'unavailable' },
  })
})

test('how long the oldest record waits is told in seconds, and is never negative', async () => {
  for (const [agoMs, seconds] of [
    [90_000, 90],
    [-5_000, 0],
  ] as const) {
    const oldestReceivedAt = new Date(Date.now() - agoMs)
    const { body } = await ask('/health', { spool: () => ({ ...SPOOL, records: 1, oldestReceivedAt }) })
    expect(body).toMatchObject({ checks: { spool: { oldest_seconds: seconds } } })
  }
})

test('balancers are to turn away as soon as it is told to stop, though it is still well', async () => {
  expect(await ask('/ready')).toEqual({ code: 200, body: { ready: true } })
  const stopping = { isStopping: () => true }
  expect(await ask('/ready', stopping)).toEqual({ code: 503, body: { ready: false } })
  expect(await ask('/health', stopping)).toMatchObject({ code: 200, body: { status: 'ok' } })
})

test('it is ready while it can keep what comes, and not otherwise', async () => {
  expect((await ask('/ready', AWAY)).code).toBe(200)
  expect((await ask('/ready', { canSpool: () => false })).code).toBe(200)
  expect((await ask('/ready', { ...AWAY, canSpool: () => false })).code).toBe(503)
})

test('metrics are served as Prometheus reads them', async () => {
  const metrics = { text: async () => 'rumen_up 1\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' }
  const response = await createAdminApp({ state: makeState(), metrics, version: '1.2.3' }).request('/metrics')
  expect([response.status, await response.text()]).toEqual([200, 'rumen_up 1\n'])
  expect(response.headers.get('content-type')).toBe(metrics.contentType)
})

test.for(['/', '/api/1/envelope/', '/health/x'])('%s is not found here', async (path) => {
  expect(await ask(path)).toEqual({ code: 404, body: { detail: 'not found' } })
})
