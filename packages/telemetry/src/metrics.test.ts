import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'

/** The value of one sample as Prometheus would read it; null: there is none. */
function sampleOf(text: string, series: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? null : Number(line.slice(series.length + 1))
}

test('a counter starts at zero, adds up, and is read without being changed', async () => {
  const metrics = createMetrics('rumen_')
  const count = metrics.counter({ name: 'bytes_total', help: 'Bytes.' })
  expect(sampleOf(await metrics.text(), 'rumen_bytes_total')).toBe(0)
  count.add()
  count.add(41)
  for (const _ of [1, 2]) expect(sampleOf(await metrics.text(), 'rumen_bytes_total')).toBe(42)
})

test('each series of a counter counts by itself, and is there before it has counted anything', async () => {
  const metrics = createMetrics('rumen_')
  const counts = metrics.counterBy({ name: 'requests_total', help: 'Requests.', labels: ['endpoint', 'outcome'] })
  const kept = counts({ endpoint: 'envelope', outcome: 'archived' })
  counts({ endpoint: 'envelope', outcome: 'malformed' })
  kept.add(3)
  const text = await metrics.text()
  expect(sampleOf(text, 'rumen_requests_total{endpoint="envelope",outcome="archived"}')).toBe(3)
  expect(sampleOf(text, 'rumen_requests_total{endpoint="envelope",outcome="malformed"}')).toBe(0)
})

test('a label cannot grow without bound', () => {
  const series = createMetrics('rumen_').counterBy({ name: 'requests_total', help: 'Requests.', labels: ['project'] })
  for (let n = 0; n < 200; n++) series({ project: String(n) })
  expect(() => series({ project: '200' })).toThrow(RangeError)
})

test('a reading is taken when somebody looks, and what nobody knows is no zero', async () => {
  const metrics = createMetrics('rumen_')
  let known: number | null = 7
  metrics.gauge({ name: 'waiting', help: 'Waiting.', read: () => known })
  metrics.counted({ name: 'drained_total', help: 'Drained.', read: () => known })
  const look = async () => {
    const text = await metrics.text()
    return [sampleOf(text, 'rumen_waiting'), sampleOf(text, 'rumen_drained_total')]
  }
  expect(await look()).toEqual([7, 7])
  known = null
  expect(await look()).toEqual([null, null])
  known = 0
  expect(await look()).toEqual([0, 0])
})

test('a histogram counts a value in every bucket it fits', async () => {
  const metrics = createMetrics('rumen_')
  const seconds = metrics.histogram({ name: 'seconds', help: 'Seconds.', bounds: [0.5, 1] })
  for (const value of [0.1, 0.7, 2]) seconds.observe(value)
  const text = await metrics.text()
  expect(['0.5', '1', '+Inf'].map((bound) => sampleOf(text, `rumen_seconds_bucket{le="${bound}"}`))).toEqual([1, 2, 3])
  expect(sampleOf(text, 'rumen_seconds_sum')).toBeCloseTo(2.8)
})

test('memory, event loop lag and collector pauses of the process are told too', async () => {
  const text = await createMetrics('rumen_').text()
  expect(sampleOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
  expect(sampleOf(text, 'nodejs_eventloop_lag_p99_seconds')).not.toBeNull()
  expect(text).toContain('# TYPE nodejs_gc_duration_seconds histogram')
})

test('two of one process know nothing of each other', async () => {
  const [one, other] = [createMetrics('rumen_'), createMetrics('rumen_')]
  one.counter({ name: 'bytes_total', help: 'Bytes.' }).add(5)
  expect(sampleOf(await other.text(), 'rumen_bytes_total')).toBeNull()
})
