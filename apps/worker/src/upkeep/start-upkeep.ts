import { connect } from '@rumen/db/connect'
import { earlierClock } from '@rumen/db/retention/earlier-clock'
import { startUpkeepJobs, type UpkeepJobs } from '@rumen/queue/start-upkeep-jobs'
import type { Rhythm } from '@rumen/queue/upkeep-queue'
import { type TaskOptions, tasksOf } from './tasks.ts'

/** What is due every five minutes need not wait for what is due once a day. */
const POOL_SIZE = 2

export interface UpkeepOptions extends Omit<TaskOptions, 'db' | 'sql'> {
  /** Seconds between two looks whether something is due. */
  intervalSeconds: number
  now?: () => Date | Promise<Date>
}

/**
 * Takes part in the upkeep of the whole deployment: of all workers one at a time, at start, every five minutes, every hour
 * and every day. `stop` resolves when the batch in hand is done; the rest is another worker's, or the next start's.
 * It has connections of its own: events do not wait for one behind what has the whole night.
 */
export async function startUpkeep(options: UpkeepOptions): Promise<UpkeepJobs> {
  const { logger, url, intervalSeconds } = options
  const { db, sql, close } = connect(url, { poolSize: POOL_SIZE, name: 'rumen worker upkeep' })
  const jobs = await startUpkeepJobs(url, {
    run: createUpkeep({ ...options, db, sql }),
    onError: (error) => logger.warn({ err: error }, 'upkeep'),
    intervalSeconds,
  })
  return {
    async stop() {
      await jobs.stop()
      await close()
    },
  }
}

/** All that is due in a rhythm, one after the other. */
function createUpkeep(
  options: TaskOptions & Pick<UpkeepOptions, 'now'>,
): (rhythm: Rhythm, signal: AbortSignal) => Promise<void> {
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
