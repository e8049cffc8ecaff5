import { expect, test } from 'vitest'
import { type Sample, usedBetween } from './watch-processes.ts'

const sample = (atMs: number, worker: number, busyMs: number): Sample => ({
  ...{ atMs, cpuMs: { worker }, busyMs, wholeMs: 2 * atMs },
})
const SAMPLES = [sample(1_000, 50, 100), sample(1_100, 100, 300), sample(1_200, 200, 400)]

test('what was used between two samples is counted by its share', () => {
  const used = usedBetween(SAMPLES, 1_050, 1_150)
  expect(used).toMatchObject({ seconds: 0.1, cpuMs: { worker: 75 } })
  expect(used.busyShare).toBeCloseTo(0.75)
})

test('before the first sample and after the last one nothing was used', () => {
  expect(usedBetween(SAMPLES, 0, 5_000).cpuMs).toEqual({ worker: 150 })
})

test('a process that started meanwhile counts from its start', () => {
  const [first, second] = [{ ...sample(1_000, 0, 0), cpuMs: {} }, sample(1_100, 40, 0)]
  expect(usedBetween([first, second], 1_000, 1_100).cpuMs).toEqual({ worker: 40 })
})
