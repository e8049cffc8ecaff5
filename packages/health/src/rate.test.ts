import { expect, test } from 'vitest'
import { createRate } from './rate.ts'

function make() {
  const clock = { ms: 5_000 }
  return { clock, rate: createRate(() => clock.ms) }
}

test('nothing is known of no time', () => {
  expect(make().rate.perSecond()).toBe(0)
})

test('what came since the start, while that is less than a minute ago', () => {
  const { clock, rate } = make()
  clock.ms += 5_000
  rate.sample(100)
  expect(rate.perSecond()).toBe(20)
})

test('then what came in the last minute', () => {
  const { clock, rate } = make()
  for (let n = 1; n <= 120; n++) {
    clock.ms += 5_000
    // A hundred each time, until it ends.
    rate.sample(100 * Math.min(n, 60))
    if (n === 60) expect(rate.perSecond()).toBe(20)
  }
  expect(rate.perSecond()).toBe(0)
})
