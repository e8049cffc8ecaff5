import { expect, test } from 'vitest'
import { systemChecks } from '../../fixtures/system-checks.ts'
import { createGatewayMetrics, type GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayState } from './gateway-state.ts'

const STATE: GatewayState = {
  isStopping: () => false,
  canCommit: () => true,
  canSpool: () => true,
  breaker: () => 'half-open',
  spool: () => ({
    bytes: 100,
    bytesMax: 1000,
    unverifiedBytes: 0,
    keptAsideBytes: 7,
    records: 3,
    segments: 1,
    oldestReceivedAt: new Date(Date.now() - 60_000),
    isDiskLow: false,
  }),
  bytesInFlight: () => 4096,
  pendingReceipts: () => 5,
  connections: () => 6,
}

/** Of a gateway as `STATE` has it, that knows nothing of the others; what is given wins. */
function makeMetrics(given: Partial<GatewayState> = {}): GatewayMetrics {
  const observation = () => ({ recent: null, daysAhead: null, disk: null })
  return createGatewayMetrics({ ...STATE, ...given }, { observation, checks: systemChecks })
}

/** Every sample by its series, without the prefix. */
async function samplesOf({ text }: { text(): Promise<string> }): Promise<Readonly<Record<string, number>>> {
  const lines = (await text()).split('\n').filter((line) => line.startsWith('rumen_gateway_'))
  return Object.fromEntries(
    lines.map((line) => [line.slice('rumen_gateway_'.length, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  )
}

test('an accepted request is counted by endpoint and outcome, timed and weighed', async () => {
  const metrics = makeMetrics()
  const request = { endpoint: 'envelope', outcome: 'archived', ms: 2, wireBytes: 1000, storedBytes: 300 } as const
  metrics.accepted(request)
  metrics.accepted({ ...request, endpoint: 'store', outcome: 'spooled', ms: 700 })
  expect(await samplesOf(metrics)).toMatchObject({
    'requests_total{endpoint="envelope",outcome="archived"}': 1,
    'requests_total{endpoint="store",outcome="spooled"}': 1,
    'requests_total{endpoint="envelope",outcome="spooled"}': 0,
    'request_duration_seconds_bucket{le="0.001"}': 0,
    'request_duration_seconds_bucket{le="0.0025"}': 1,
    'request_duration_seconds_bucket{le="1"}': 2,
    request_duration_seconds_count: 2,
    received_bytes_total: 2000,
    stored_bytes_total: 600,
    spool_appends_total: 1,
  })
})

test('what was archived is added up, whichever way it came', () => {
  const metrics = makeMetrics()
  const request = { endpoint: 'envelope', outcome: 'archived', ms: 2, wireBytes: 1000, storedBytes: 300 } as const
  metrics.accepted(request)
  metrics.accepted({ ...request, outcome: 'seen_again' })
  metrics.accepted({ ...request, outcome: 'spooled' })
  metrics.drained('archived')
  metrics.drained('refused')
  expect(metrics.archived()).toBe(2)
})

test('a refused request is counted with its reason, and not timed', async () => {
  const metrics = makeMetrics()
  metrics.refused('envelope', { outcome: 'rate_limited', reason: 'quota_hour' })
  metrics.refused('cron', { outcome: 'rate_limited', reason: 'quota_hour' })
  metrics.refused('envelope', { outcome: 'not_kept', reason: 'not_kept' })
  expect(await samplesOf(metrics)).toMatchObject({
    'requests_total{endpoint="envelope",outcome="rate_limited"}': 1,
    'requests_total{endpoint="cron",outcome="rate_limited"}': 1,
    'refusals_total{reason="quota_hour"}': 2,
    'refusals_total{reason="not_kept"}': 1,
    request_duration_seconds_count: 0,
  })
})

test('reasons without end are one label', async () => {
  const metrics = makeMetrics()
  for (let n = 0; n < 1000; n++) metrics.refused('envelope', { outcome: 'malformed', reason: `reason_${n}` })
  const samples = await samplesOf(metrics)
  expect(Object.keys(samples).filter((series) => series.startsWith('refusals_total'))).toHaveLength(101)
  expect(samples['refusals_total{reason="other"}']).toBe(900)
})

test('flushes, key look-ups and drained records are counted', async () => {
  const metrics = makeMetrics()
  metrics.flushed({ rows: 60, bytes: 1, ms: 20 })
  metrics.keyLookedUp('hit')
  metrics.keyLookedUp('unasked')
  metrics.drained('seen_again')
  expect(await samplesOf(metrics)).toMatchObject({
    'batch_rows_bucket{le="50"}': 0,
    'batch_rows_bucket{le="100"}': 1,
    batch_rows_sum: 60,
    flush_duration_seconds_sum: 0.02,
    'key_cache_hits_total{result="hit"}': 1,
    'key_cache_hits_total{result="asked"}': 0,
    'key_cache_hits_total{result="unasked"}': 1,
    'spool_drained_total{outcome="seen_again"}': 1,
    'spool_drained_total{outcome="archived"}': 0,
  })
})

test('what the process holds is read when somebody looks', async () => {
  expect(await samplesOf(makeMetrics())).toMatchObject({
    connections: 6,
    bytes_in_flight: 4096,
    pending_receipts: 5,
    breaker_state: 1,
    spool_bytes: 100,
    spool_max_bytes: 1000,
    spool_kept_aside_bytes: 7,
    spool_records: 3,
    spool_oldest_seconds: 60,
  })
})

test.for([
  ['closed', 0],
  ['half-open', 1],
  ['open', 2],
] as const)('a breaker that is %s is %i', async ([breaker, number]) => {
  const samples = await samplesOf(makeMetrics({ breaker: () => breaker }))
  expect(samples.breaker_state).toBe(number)
})

test('what does not exist or is not known has no sample, which would say 0', async () => {
  const metrics = makeMetrics({ spool: () => null })
  const series = Object.keys(await samplesOf(metrics))
  expect(series.filter((name) => /^spool_(bytes|max|kept|records|oldest)/.test(name))).toEqual([])
})
