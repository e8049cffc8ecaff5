import type { Check } from '@rumen/health/check'
import type { SystemChecks } from '@rumen/health/judge-system'
import type { QueueGauges } from '@rumen/health/observation'
import { describe, expect, test } from 'vitest'
import { systemChecks } from '../../fixtures/system-checks.ts'
import type { SpoolState } from '../spool/spool.ts'
import type { GatewayState } from './gateway-state.ts'
import { healthOf } from './health.ts'

const QUEUE: QueueGauges = { waiting: 12, active: 3, oldestSeconds: 2, dead: 1, ageSeconds: 4 }
const NOW_MS = Date.parse('2026-11-26T12:00:00Z')
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

/** The health of a gateway with nothing to complain of; what is given wins. */
function health(given: Partial<GatewayState> = {}, others: Partial<SystemChecks> = {}) {
  const state: GatewayState = {
    isStopping: () => false,
    canCommit: () => true,
    canSpool: () => true,
    breaker: () => 'closed',
    spool: () => SPOOL,
    bytesInFlight: () => 0,
    pendingReceipts: () => 0,
    connections: () => 0,
    ...given,
  }
  const system = { checks: () => systemChecks(others), queue: () => QUEUE }
  return healthOf(state, system, { version: '1.2.3', now: () => NOW_MS })
}

const ILL: Check = { status: 'failing', message: 'it is down', advice: 'start it', figures: { dead: ['machine:7'] } }

test('a gateway that is well says so, what it knows of the others and of the queue', () => {
  expect(health()).toEqual({
    code: 200,
    body: {
      status: 'ok',
      version: '1.2.3',
      role: 'gateway',
      checks: {
        database: { status: 'ok', breaker: 'closed' },
        workers: { status: 'ok' },
        gateways: { status: 'ok' },
        queue: { status: 'ok' },
        dead_letters: { status: 'ok' },
        canary: { status: 'ok' },
        spool: { status: 'ok', records: 0, bytes: 0, bytes_max: 1000, kept_aside_bytes: 0, oldest_seconds: null },
        partitions: { status: 'ok' },
        disk: { status: 'ok' },
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
  ]

  test.for(cases)('%s', ([, given, check, status]) => {
    expect(health(given)).toMatchObject({ code: 200, body: { status: 'degraded', checks: { [check]: { status } } } })
  })

  test.for(['workers', 'gateways', 'queue', 'dead_letters', 'canary', 'partitions', 'disk'] as const)(
    'whatever is wrong with %s, and says what and what to do',
    (check) => {
      expect(health({}, { [check]: ILL })).toMatchObject({
        code: 200,
        body: {
          status: 'degraded',
          checks: { [check]: { status: 'failing', message: 'it is down', advice: 'start it', dead: ['machine:7'] } },
        },
      })
    },
  )

  test('while something could not be looked at, which is not well', () => {
    const unseen: Check = { status: 'unknown', message: 'it could not be looked at', advice: null, figures: {} }
    expect(health({}, { disk: unseen })).toMatchObject({ code: 200, body: { status: 'degraded' } })
  })
})

test('it is 503 when what comes would be lost', () => {
  expect(health({ ...AWAY, canSpool: () => false })).toMatchObject({ code: 503, body: { status: 'unavailable' } })
  expect(health({ canCommit: () => false, canSpool: () => false, spool: () => null })).toMatchObject({ code: 503 })
})

test("the spool of another gateway shows where one's own is well, or there is none", () => {
  const other: Check = { status: 'degraded', message: 'of gateway b:2: 3 requests wait', advice: null, figures: {} }
  expect(health({}, { spool: other })).toMatchObject({ body: { checks: { spool: { message: other.message } } } })
  expect(health({ spool: () => null }, { spool: other })).toMatchObject({
    body: { checks: { spool: { status: 'degraded', message: other.message } } },
  })
  const own = health({ canSpool: () => false }, { spool: other })
  expect(own).toMatchObject({ body: { checks: { spool: { status: 'failing' } } } })
})

test.for([
  [90_000, 90],
  [-5_000, 0],
] as const)('how long the oldest record waits is told in seconds, and is never negative', ([agoMs, seconds]) => {
  const oldestReceivedAt = new Date(NOW_MS - agoMs)
  const { body } = health({ spool: () => ({ ...SPOOL, records: 1, oldestReceivedAt }) })
  expect(body).toMatchObject({ checks: { spool: { oldest_seconds: seconds } } })
})
