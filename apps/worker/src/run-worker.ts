import { setTimeout as delay } from 'node:timers/promises'
import { isPassing, mayConcernOneRow } from '@rumen/db/sql-state'
import { type ClaimedJob, ClaimLostError, type Consumer } from '@rumen/queue/start-consumer'
import { errorText } from '@rumen/telemetry/error-text'
import type { Logger } from '@rumen/telemetry/logger'

export interface WorkerOptions {
  consumer: Consumer
  /** Digests and settles the jobs, all or nothing. */
  digest: (jobs: readonly ClaimedJob[]) => Promise<void>
  /** Records that a job cannot be digested, and settles it. */
  reject: (job: ClaimedJob, error: unknown) => Promise<void>
  logger: Logger
  batchSizeMax: number
  intervalMs: number
}

export interface RunningWorker {
  /** There is work: look now instead of at the next interval. */
  wake(): void
  /** Resolves when the batch in hand is written; nothing more is claimed. */
  stop(): Promise<void>
}

/** Pause after a batch that was not full: without it a trickle of events would be a transaction each. */
const GAP_MS = 20
/** Times a job fails by itself before it is recorded as an error. */
const FAILURES_MAX = 3

/** Claims and digests batch after batch until it is stopped; an error never ends it. */
export function runWorker(options: WorkerOptions): RunningWorker {
  const { consumer, logger, batchSizeMax, intervalMs } = options
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  const finished = loop()

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Taken before the look: a wake-up that comes while there is nothing yet must not be slept through.
      const waking = wakeUp.signal
      const taken = await work()
      if (taken === 0) await sleep(intervalMs, waking)
      else if (taken < batchSizeMax) await sleep(GAP_MS, stopping.signal)
    }
  }

  /** Claims and digests once; gives the number of jobs claimed. */
  async function work(): Promise<number> {
    try {
      const jobs = await consumer.claim(batchSizeMax)
      await digestClaimed(options, jobs)
      return jobs.length
    } catch (error) {
      logger.error({ err: error }, 'the queue cannot be reached')
      return 0
    }
  }

  return {
    wake() {
      wakeUp.abort()
      wakeUp = new AbortController()
    },
    async stop() {
      stopping.abort()
      wakeUp.abort()
      await finished
    },
  }
}

/** What was tried before goes one by one: an event that kills the process then takes nobody with it. */
async function digestClaimed(options: WorkerOptions, jobs: readonly ClaimedJob[]): Promise<void> {
  const fresh = jobs.filter((job) => job.retryCount === 0)
  if (fresh.length > 0) await digestHalving(options, fresh)
  for (const job of jobs) if (job.retryCount > 0) await digestHalving(options, [job])
}

/** A batch that fails for what one of its jobs may be to blame for is halved until that one stands alone. */
async function digestHalving(options: WorkerOptions, jobs: readonly ClaimedJob[]): Promise<void> {
  const { consumer, digest, logger } = options
  try {
    await digest(jobs)
  } catch (error) {
    if (error instanceof ClaimLostError) {
      // Others have some of them. The rest come back when their claim expires; nothing was written.
      logger.warn({ err: error }, 'a batch was given up')
    } else if (jobs.length > 1 && mayConcernOneRow(error)) {
      logger.warn({ err: error, jobs: jobs.length }, 'a batch failed and is halved')
      const half = Math.ceil(jobs.length / 2)
      await digestHalving(options, jobs.slice(0, half))
      await digestHalving(options, jobs.slice(half))
    } else if (isPassing(error)) {
      logger.error({ err: error, jobs: jobs.length }, 'a batch is put off')
      await consumer.giveBack(jobs, errorText(error))
    } else if (jobs[0]) {
      await giveUp(options, jobs[0], error)
    }
  }
}

/** A job that failed alone is tried again, in case the fault was ours and passes; the third time it is recorded. */
async function giveUp({ consumer, reject, logger }: WorkerOptions, job: ClaimedJob, error: unknown): Promise<void> {
  logger.error({ err: error, job: job.id, retryCount: job.retryCount }, 'a job failed')
  if (job.retryCount + 1 < FAILURES_MAX) return await consumer.giveBack([job], errorText(error))
  try {
    await reject(job, error)
  } catch (failure) {
    logger.error({ err: failure, job: job.id }, 'a failed job could not be recorded')
    await consumer.giveBack([job], errorText(error))
  }
}

async function sleep(ms: number, until: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: until }).catch(() => undefined)
}
