import { expect, test } from 'vitest'
import { createTokenBuckets } from './token-bucket.ts'

/** Buckets with a clock of the test's own, which starts where a process of three weeks is. */
function makeBuckets(entriesMax = 100) {
  let nowMs = 1_800_000_123.456
  const buckets = createTokenBuckets({ entriesMax, now: () => nowMs })
  return { ...buckets, pass: (ms: number) => (nowMs += ms) }
}

/** Takes until it is refused; how many it got. */
function drain(take: () => number): number {
  let taken = 0
  while (take() === 0) taken++
  return taken
}

test.for([
  [1, 1],
  [1, 3],
  [7, 14],
  [1000, 2000],
  [33_333, 66_666],
] as const)('at %i a second and a burst of %i, as many come at once and not one more', ([rate, burst]) => {
  const { take } = makeBuckets()
  expect(drain(() => take('a', rate, burst))).toBe(burst)
})

test('a bucket fills at its rate, and never beyond its burst', () => {
  const { take, pass } = makeBuckets()
  const drained = () => drain(() => take('a', 10, 20))
  expect(drained()).toBe(20)
  pass(99)
  expect(drained()).toBe(0)
  pass(1)
  expect(drained()).toBe(1)
  pass(500)
  expect(drained()).toBe(5)
  pass(3_600_000)
  expect(drained()).toBe(20)
})

test('a refusal says how long until a token is there, and costs nothing however often it is asked for', () => {
  const { take, pass } = makeBuckets()
  expect(drain(() => take('a', 2, 1))).toBe(1)
  for (let times = 0; times < 1000; times++) expect(take('a', 2, 1)).toBeCloseTo(500, 3)
  pass(200)
  expect(take('a', 2, 1)).toBeCloseTo(300, 3)
  pass(take('a', 2, 1))
  expect(take('a', 2, 1)).toBe(0)
})

test('over a minute of steady flood exactly the rate passes, after the burst', () => {
  const { take, pass } = makeBuckets()
  let taken = 0
  for (let ms = 0; ms < 60_000; ms++) {
    if (take('a', 50, 100) === 0) taken++
    pass(1)
  }
  expect(taken).toBe(100 + 50 * 60 - 1)
})

test('one key does not drink from another’s bucket', () => {
  const { take } = makeBuckets()
  drain(() => take('a', 1, 5))
  expect(drain(() => take('b', 1, 5))).toBe(5)
})

test('what is given back can be taken again, and makes a full bucket no fuller', () => {
  const { take, giveBack, pass } = makeBuckets()
  drain(() => take('a', 10, 5))
  giveBack('a', 10)
  giveBack('a', 10)
  expect(drain(() => take('a', 10, 5))).toBe(2)
  pass(60_000)
  giveBack('a', 10)
  giveBack('never taken from', 10)
  expect(drain(() => take('a', 10, 5))).toBe(5)
  expect(drain(() => take('never taken from', 10, 5))).toBe(5)
})

test('a rate that is lowered while a bucket is in use holds from the next take on', () => {
  const { take, pass } = makeBuckets()
  drain(() => take('a', 100, 100))
  pass(10)
  expect(take('a', 1, 1)).toBeGreaterThan(0)
  pass(1000)
  expect(drain(() => take('a', 1, 1))).toBe(1)
})

test('a drained bucket is not forgotten before half the bound of other keys came after its last use, a refusal included', () => {
  const { take } = makeBuckets(100)
  drain(() => take('flooder', 1, 5))
  for (let round = 0; round < 10; round++) {
    for (let n = 0; n < 49; n++) take(`other ${round} ${n}`, 1, 5)
    expect(take('flooder', 1, 5)).toBeGreaterThan(0)
  }
})

test('a flood of made-up keys does not make it grow: whoever rests longest is forgotten', () => {
  const { take } = makeBuckets(100)
  drain(() => take('resting', 1, 5))
  for (let n = 0; n < 100; n++) take(`made up ${n}`, 1, 5)
  expect(drain(() => take('resting', 1, 5))).toBe(5)
})
