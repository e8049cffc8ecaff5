import { PgBoss } from 'pg-boss'
import { POOL_OPTIONS } from './pool-options.ts'
import { RHYTHMS, type Rhythm, readRhythm, UPKEEP_QUEUE } from './upkeep-queue.ts'

export interface UpkeepJobs {
  /** Aborts what is being done, and resolves when it has ended. Another worker begins it again at once. */
  stop(): Promise<void>
}

export interface UpkeepJobOptions {
  /** Does what is due in this rhythm; once `signal` is aborted it ends soon, and leaves the rest to others. */
  run: (rhythm: Rhythm, signal: AbortSignal) => Promise<void>
  onError: (error: unknown) => void
  /** Seconds between two looks at the queue. */
  intervalSeconds: number
}

/** Due at each start: how long nobody was there is not known. */
const AT_START = ['often', 'hourly'] as const satisfies readonly Rhythm[]
const STOP_MS_MAX = 8_000

/**
 * Takes part in the upkeep: of all workers one at a time does what is due in a rhythm. Jobs of workers that died come back
 * as long as some process supervises the queues, as every consumer does. The queue must exist.
 */
export async function startUpkeepJobs(
  url: string,
  { run, onError, intervalSeconds }: UpkeepJobOptions,
): Promise<UpkeepJobs> {
  const stopping = new AbortController()
  const boss = new PgBoss({
    connectionString: url,
    ...POOL_OPTIONS,
    application_name: 'rumen worker upkeep',
    max: 1,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: true,
  })
  boss.on('error', onError)
  await boss.start()
  for (const [rhythm, cron] of Object.entries(RHYTHMS)) {
    await boss.schedule(
      UPKEEP_QUEUE,
      cron,
      { rhythm },
      { key: rhythm, singletonKey: rhythm, tz: 'UTC', missed: 'once' },
    )
  }
  for (const rhythm of AT_START) await boss.send(UPKEEP_QUEUE, { rhythm }, { singletonKey: rhythm })
  // Each rhythm may be worked on by itself: a mute does not wait for a day to be dropped.
  const options = { pollingIntervalSeconds: intervalSeconds, localConcurrency: Object.keys(RHYTHMS).length }
  await boss.work(UPKEEP_QUEUE, options, async ([job]) => {
    const rhythm = readRhythm(job?.data)
    if (job === undefined || rhythm === null) return
    await run(rhythm, AbortSignal.any([stopping.signal, job.signal]))
    // A job that fails is another worker's.
    stopping.signal.throwIfAborted()
  })
  return {
    async stop() {
      stopping.abort(new Error('its worker was stopped'))
      await boss.stop({ graceful: true, close: true, timeout: STOP_MS_MAX })
    },
  }
}
