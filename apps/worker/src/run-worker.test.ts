import { setTimeout as delay } from 'node:timers/promises'
import type { ClaimedJob } from '@rumen/queue/start-consumer'
import { createLogger } from '@rumen/telemetry/logger'
import { afterEach, expect, test, vi } from 'vitest'
import { runWorker, type WorkerOptions } from './run-worker.ts'

const JOB: ClaimedJob = { queue: 'digest', id: 'a', retryCount: 0, data: {} }

afterEach(() => vi.useRealTimers())

/** A worker that finds what `claim` gives, and digests it as long as `digest` takes; its clock stands still. */
function start({ claim, digest }: { claim: () => Promise<readonly ClaimedJob[]>; digest: () => Promise<void> }) {
  vi.useFakeTimers({ toFake: ['performance'] })
  const claimed: number[] = []
  const options: WorkerOptions = {
    isExpired: async () => false,
    consumer: { claim, giveBack: async () => undefined, release: async () => undefined },
    digest: async () => {
      await digest()
      return []
    },
    reject: async () => undefined,
    attempts: { read: async () => new Map(), record: async () => 1, withdraw: async () => undefined },
    logger: createLogger({ role: 'test', level: 'silent' }),
    batchSizeMax: 10,
    intervalMs: 3_600_000,
    onClaimed: (jobs) => claimed.push(jobs),
  }
  return { worker: runWorker(options), claimed }
}

async function until(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !holds(); n++) await delay(10)
  expect(holds()).toBe(true)
}

test('it says for how long it has had its jobs in hand, and that it has none when they are done', async () => {
  const { promise: done, resolve: finish } = Promise.withResolvers<void>()
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const jobs = [[JOB, { ...JOB, id: 'b' }]]
  const { worker, claimed } = start({
    claim: async () => jobs.shift() ?? [],
    digest: async () => {
      begin()
      await done
    },
  })
  expect(worker.lookedMs(), 'nothing was answered yet').toBeNull()
  await begun
  vi.advanceTimersByTime(70_000)
  expect([worker.busyMs(), worker.lookedMs(), claimed]).toEqual([70_000, 70_000, [2]])
  finish()
  await until(() => worker.busyMs() === null)
  await until(() => worker.lookedMs() === 0)
  await worker.stop()
})

test('a queue that does not answer is no look', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<readonly ClaimedJob[]>()
  const answers = [Promise.resolve([]), answered]
  const { worker, claimed } = start({ claim: () => answers.shift() ?? answered, digest: async () => undefined })
  await until(() => worker.lookedMs() === 0)
  worker.wake()
  vi.advanceTimersByTime(70_000)
  expect([worker.lookedMs(), worker.busyMs(), claimed]).toEqual([70_000, null, []])
  answer([])
  await worker.stop()
})

test('nor is one that fails', async () => {
  const { worker } = start({ claim: () => Promise.reject(new Error('away')), digest: async () => undefined })
  await worker.stop()
  expect(worker.lookedMs()).toBeNull()
})
