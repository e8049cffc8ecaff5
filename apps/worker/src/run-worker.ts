import { setTimeout as delay } from 'node:timers/promises'
import type { Consumer } from '@rumen/queue/start-consumer'
import { type DigestOptions, digestClaimed, type Hand, letGo } from './digest-claimed.ts'

export interface WorkerOptions extends DigestOptions {
  consumer: Pick<Consumer, 'claim' | 'giveBack' | 'release'>
  batchSizeMax: number
  intervalMs: number
  /** Hears how many jobs were claimed, each time there were some. */
  onClaimed: (jobs: number) => void
}

export interface RunningWorker {
  /** There is work: look now instead of at the next interval. */
  wake(): void
  /** For how long it has had the same jobs in hand; null: none. */
  busyMs(): number | null
  /** Since it last asked for jobs and got an answer; null: never. */
  lookedMs(): number | null
  /** Resolves when the batch in hand is written; nothing more is claimed. */
  stop(): Promise<void>
}

/** Pause after a batch that was not full: without it a trickle of events would be a transaction each. */
const GAP_MS = 20

/** Claims and digests batch after batch until it is stopped; an error never ends it. */
export function runWorker(options: WorkerOptions): RunningWorker {
  const { consumer, logger, batchSizeMax, intervalMs, onClaimed } = options
  const stopping = new AbortController()
  let wakeUp = new AbortController()
  const hand: Hand = { held: new Set(), tried: [], attempted: new Set() }
  let lookedAtMs: number | null = null
  let busySinceMs: number | null = null
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
      // What was in hand when the database went away goes back once it is there, not when the claim lapses.
      await letGo(options, hand, 'the database was away')
      const jobs = await consumer.claim(batchSizeMax)
      lookedAtMs = performance.now()
      if (jobs.length === 0) return 0
      onClaimed(jobs.length)
      busySinceMs = lookedAtMs
      hand.held = new Set(jobs)
      await digestClaimed(options, hand, stopping.signal)
      return jobs.length
    } catch (error) {
      logger.error({ err: error }, 'the queue cannot be reached')
      return 0
    } finally {
      busySinceMs = null
    }
  }

  const since = (ms: number | null) => (ms === null ? null : performance.now() - ms)
  return {
    busyMs: () => since(busySinceMs),
    lookedMs: () => since(lookedAtMs),
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
