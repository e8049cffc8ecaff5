import { earlierClock } from '@rumen/db/retention/earlier-clock'
import { startUpkeepJobs, type UpkeepJobs } from '@rumen/queue/start-upkeep-jobs'
import type { Rhythm } from '@rumen/queue/upkeep-queue'
import { type TaskOptions, tasksOf } from './tasks.ts'

export interface UpkeepOptions extends TaskOptions {
  /** Seconds between two looks whether something is due. */
  intervalSeconds: number
  now?: () => Date | Promise<Date>
}

/**
 * Takes part in the upkeep of the whole deployment: of all workers one at a time, at start, every five minutes, every hour
 * and every day. `stop` resolves when the batch in hand is done; the rest is another worker's, or the next start's.
 */
export async function startUpkeep(options: UpkeepOptions): Promise<UpkeepJobs> {
  const { logger, url, intervalSeconds } = options
  return await startUpkeepJobs(url, {
    run: createUpkeep(options),
    onError: (error) => logger.warn({ err: error }, 'upkeep'),
    intervalSeconds,
  })
}

/** All that is due in a rhythm, one after the other. */
function createUpkeep(options: UpkeepOptions): (rhythm: Rhythm, signal: AbortSignal) => Promise<void> {
  const { db, logger, now = () => earlierClock(db) } = options
  const tasks = tasksOf(options)
  return async (rhythm, signal) => {
    const at = await now()
    for (const { run, failure } of tasks[rhythm]) {
      if (signal.aborted) return
      // One that fails keeps nobody else from his turn.
      await run(at, signal).catch((error: unknown) => logger.warn({ err: error }, failure))
    }
  }
}
