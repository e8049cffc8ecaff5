import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { repeat } from './repeat.ts'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function unexpected(error: unknown): never {
  throw error
}

test('a task is run at once and after each pause, until it is stopped', async () => {
  let runs = 0
  const repetition = repeat(1000, async () => runs++, unexpected)
  expect(runs).toBe(1)
  await vi.advanceTimersByTimeAsync(3000)
  expect(runs).toBe(4)
  await repetition.stop()
  await vi.advanceTimersByTimeAsync(3000)
  expect(runs).toBe(4)
})

test('a run that takes longer than the pause is not overtaken, and waited for by who stops it', async () => {
  const ends: (() => void)[] = []
  const repetition = repeat(1000, () => new Promise<void>((resolve) => ends.push(resolve)), unexpected)
  await vi.advanceTimersByTimeAsync(5000)
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await vi.advanceTimersByTimeAsync(1000)
  expect(ends).toHaveLength(2)
  let isStopped = false
  const stopping = repetition.stop().then(() => {
    isStopped = true
  })
  await vi.advanceTimersByTimeAsync(1000)
  expect(isStopped).toBe(false)
  ends[1]?.()
  await stopping
  expect(ends).toHaveLength(2)
})

test('a run that fails is reported, and the next one comes all the same', async () => {
  const errors: unknown[] = []
  const repetition = repeat(
    1000,
    async () => {
      throw new Error('away')
    },
    (error) => errors.push(error),
  )
  await vi.advanceTimersByTimeAsync(2000)
  expect(errors).toHaveLength(3)
  await repetition.stop()
})
