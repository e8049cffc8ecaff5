import { parseProjectId } from '@rumen/protocol/project-id'
import { expect, test } from 'vitest'
import { createFairRate } from './fair-rate.ts'

const SHOP = parseProjectId('1')
const BLOG = parseProjectId('2')

/** A fair rate with a clock of the test's own. */
function makeFairRate(rate: number, burst = 2) {
  let nowMs = 0
  const settings = { FAIR_RATE_PER_PROJECT_PER_SEC: rate, RATE_LIMIT_BURST_MULTIPLIER: burst }
  return { isFair: createFairRate(settings, () => nowMs), pass: (ms: number) => (nowMs += ms) }
}

test('a project is within its fair rate for a burst, then as often as the rate says, whatever the others send', () => {
  const { isFair, pass } = makeFairRate(100)
  const fairOf = (events: number) => Array.from({ length: events }, () => isFair(SHOP)).filter(Boolean).length
  expect(fairOf(1000)).toBe(200)
  pass(1000)
  expect(fairOf(1000)).toBe(100)
  expect(isFair(BLOG)).toBe(true)
})

test('a rate of 0 makes every event fair', () => {
  const { isFair } = makeFairRate(0)
  expect(Array.from({ length: 10_000 }, () => isFair(SHOP)).every(Boolean)).toBe(true)
})
