import { expect, test } from 'vitest'
import { createVisibleTimes } from './visible-times.ts'

const MINUTE_MS = 60_000

function make() {
  const clock = { ms: 1_000_000 }
  return { clock, times: createVisibleTimes(() => clock.ms) }
}

test('nothing is known while nothing came', () => {
  expect(make().times.percentile(0.5)).toBeNull()
})

test('the median and the slow end of a minute, to five per cent', () => {
  const { clock, times } = make()
  for (let n = 1; n <= 1000; n++) {
    clock.ms += 50
    times.add(n)
  }
  const [median, slow] = [times.percentile(0.5) ?? 0, times.percentile(0.99) ?? 0]
  expect(median / 500).toBeGreaterThan(0.95)
  expect(median / 500).toBeLessThan(1.06)
  expect(slow / 990).toBeGreaterThan(0.95)
  expect(slow / 990).toBeLessThan(1.06)
})

test('what came more than a minute ago does not count', () => {
  const { clock, times } = make()
  times.add(5_000)
  clock.ms += MINUTE_MS / 2
  times.add(10)
  expect(times.percentile(1)).toBeGreaterThan(4_000)
  clock.ms += MINUTE_MS / 2 + 5_000
  expect(times.percentile(1)).toBeLessThan(20)
  clock.ms += MINUTE_MS
  expect(times.percentile(1)).toBeNull()
})

test.for([[-5], [0], [0.2], [Number.MAX_SAFE_INTEGER]])('%d ms has its place', ([ms]) => {
  const { times } = make()
  times.add(ms ?? 0)
  expect(times.percentile(0.5)).toBeGreaterThanOrEqual(1)
})
