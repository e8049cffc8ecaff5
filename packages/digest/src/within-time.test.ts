import { expect, test } from 'vitest'
import { eachWithinTime, OutOfTimeError, withinTime } from './within-time.ts'

const MS = 100

function loopForEver(): never {
  for (;;);
}

function catchAndLoop(): never {
  for (;;) {
    try {
      loopForEver()
    } catch {
      // Whoever catches everything catches no interruption.
    }
  }
}

test('what work gives and what it throws come out as they are', () => {
  const made = new Map([[1, 'one']])
  expect(withinTime(MS, () => made)).toBe(made)
  const error = new TypeError('no')
  expect(() =>
    withinTime(MS, () => {
      throw error
    }),
  ).toThrow(error)
})

test.for([
  ['a loop', loopForEver],
  ['a loop that catches everything', catchAndLoop],
  ['a regular expression that tries all ways', () => /^(a+)+$/.test(`${'a'.repeat(40)}b`)],
  ['a loop in a loop with a limit', () => withinTime(10_000, loopForEver)],
] as const)('%s without an end is interrupted, and the next work runs', ([, work]) => {
  const begin = performance.now()
  expect(() => withinTime(MS, work)).toThrow(OutOfTimeError)
  expect(performance.now() - begin).toBeLessThan(20 * MS)
  expect(withinTime(MS, () => 'next')).toBe('next')
})

test('of many, the one that takes too long costs itself only', () => {
  const results = eachWithinTime(MS, [1, 2, 3, 4], (n) => (n % 2 === 0 ? loopForEver() : `done ${n}`))
  expect(results).toEqual(['done 1', expect.any(OutOfTimeError), 'done 3', expect.any(OutOfTimeError)])
})

test('one that comes first, or alone, is interrupted', () => {
  expect(eachWithinTime(MS, [1], loopForEver)).toEqual([expect.any(OutOfTimeError)])
})

test('work is not to blame for a time in which the process hardly ran: it gets three chances', () => {
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  let calls = 0
  const starve = (callsWithoutTime: number) => () => {
    calls++
    if (calls <= callsWithoutTime) for (;;) Atomics.wait(sleeper, 0, 0, 2)
    return 'done'
  }
  expect(eachWithinTime(MS, [1], starve(3))).toEqual(['done'])
  calls = 0
  expect(eachWithinTime(MS, [1], starve(9))).toEqual([expect.any(OutOfTimeError)])
  expect(calls).toBe(4)
})

test('many that are only together too slow all come to an end', () => {
  const busy = (n: number) => {
    const until = performance.now() + MS / 3
    while (performance.now() < until);
    return n
  }
  expect(eachWithinTime(MS, [1, 2, 3, 4, 5, 6], busy)).toEqual([1, 2, 3, 4, 5, 6])
})

test('what one of many throws is thrown', () => {
  expect(() =>
    eachWithinTime(MS, [1], () => {
      throw new RangeError('no')
    }),
  ).toThrow(RangeError)
  expect(eachWithinTime(MS, [], loopForEver)).toEqual([])
})
