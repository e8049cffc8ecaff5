import { expect, test } from 'vitest'
import { collectLatencies } from './latencies.ts'

test('of a thousand latencies each share is told to three digits, and the longest', () => {
  const latencies = collectLatencies()
  for (let n = 1; n <= 1_000; n++) latencies.add(n / 10)
  const { p50, p99, p999, max } = latencies.summary()
  expect([p50, p99, p999, max].map((ms) => Math.round(ms))).toEqual([50, 99, 100, 100])
})

test('what takes a microsecond and what takes ten seconds stand in the same summary', () => {
  const latencies = collectLatencies()
  for (let n = 0; n < 99; n++) latencies.add(0.001)
  latencies.add(10_000)
  const { p50, max } = latencies.summary()
  expect(p50).toBe(0.001)
  expect(max).toBeCloseTo(10_000, -2)
})

test('none at all are nothing', () => {
  expect(collectLatencies().summary()).toEqual({ p50: 0, p99: 0, p999: 0, max: 0 })
})
