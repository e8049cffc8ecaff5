import { setTimeout as delay } from 'node:timers/promises'
import { isPassing } from '@rumen/db/sql-state'
import { type ClaimedJob, ClaimLostError, type Consumer } from '@rumen/queue/start-consumer'
import type { Logger } from '@rumen/telemetry/logger'

export interface WorkerOptions {
  consumer: Consumer
  digest: (jobs: readonly ClaimedJob[]) => Promise<void>
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

/** Claims and digests batch after batch until it is stopped; an error never ends it. */
export function runWorker({ consumer, digest, logger, batchSizeMax, intervalMs }: WorkerOptions): RunningWorker {
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
      if (jobs.length > 0) await digestAll(jobs)
      return jobs.length
    } catch (error) {
      logger.error({ err: error }, 'the queue cannot be read')
      return 0
    }
  }

  /** What was tried before is digested one by one, so that an event that kills the process stops nobody else's for long. */
  async function digestAll(jobs: readonly ClaimedJob[]): Promise<void> {
    const fresh = jobs.filter((job) => job.retryCount === 0)
    if (fresh.length > 0) await digestHalving(fresh)
    for (const job of jobs) if (job.retryCount > 0) await digestHalving([job])
  }

  /** A batch that fails for a reason that will not pass is halved until the event at fault stands alone. */
  async function digestHalving(jobs: readonly ClaimedJob[]): Promise<void> {
    try {
      await digest(jobs)
    } catch (error) {
      if (error instanceof ClaimLostError) {
        // Others have some of them. The rest come back when their claim expires; nothing was written.
        logger.warn({ err: error }, 'a batch was given up')
      } else if (isPassing(error) || jobs.length === 1) {
        logger.error({ err: error, jobs: jobs.length }, 'a batch failed')
        await consumer.giveBack(jobs, error instanceof Error ? error.message : String(error))
      } else {
        logger.warn({ err: error, jobs: jobs.length }, 'a batch failed and is halved')
        const half = Math.ceil(jobs.length / 2)
        await digestHalving(jobs.slice(0, half))
        await digestHalving(jobs.slice(half))
      }
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

async function sleep(ms: number, until: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal: until }).catch(() => undefined)
}
