import { expect, test } from 'vitest'
import { createBreaker } from './breaker.ts'

function breakerAt(clock: { ms: number }) {
  return createBreaker(() => clock.ms)
}

test('a database that failed is left alone for half a second, then tried by one', () => {
  const clock = { ms: 0 }
  const breaker = breakerAt(clock)
  expect([breaker.mayTry(), breaker.mayTry()]).toEqual([true, true])
  breaker.failed()
  expect([breaker.state, breaker.mayTry()]).toEqual(['open', false])
  clock.ms = 500
  expect([breaker.mayTry(), breaker.mayTry(), breaker.state]).toEqual([true, false, 'half-open'])
  breaker.succeeded()
  expect([breaker.mayTry(), breaker.mayTry(), breaker.state]).toEqual([true, true, 'closed'])
})

test('the pauses double up to four seconds while probes fail, and are short again after a success', () => {
  const clock = { ms: 0 }
  const breaker = breakerAt(clock)
  const pauses: number[] = []
  for (let probes = 0; probes < 6; probes++) {
    breaker.failed()
    const since = clock.ms
    while (!breaker.mayTry()) clock.ms += 100
    pauses.push(clock.ms - since)
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000, 4000, 4000])
  breaker.succeeded()
  breaker.failed()
  clock.ms += 500
  expect(breaker.mayTry()).toBe(true)
})

test('many failures at the same time are one', () => {
  const clock = { ms: 0 }
  const breaker = breakerAt(clock)
  for (let failures = 0; failures < 50; failures++) breaker.failed()
  clock.ms = 500
  expect(breaker.mayTry()).toBe(true)
})

test('a probe that never comes back is followed by another', () => {
  const clock = { ms: 0 }
  const breaker = breakerAt(clock)
  breaker.failed()
  clock.ms = 500
  expect(breaker.mayTry()).toBe(true)
  clock.ms = 4_500
  expect(breaker.mayTry()).toBe(true)
})
