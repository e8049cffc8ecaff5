import { setPriority } from 'node:os'
import { directDatabaseUrl, readSettings, requireDatabaseUrl } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createSessionDays } from '@rumen/db/session/session-days'
import { WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { installQueues } from '@rumen/queue/install-queues'
import { startConsumer } from '@rumen/queue/start-consumer'
import { createDimensionIds } from '@rumen/rows/dimension-ids'
import { createGroupingConfigs } from '@rumen/rows/grouping-configs'
import { createGroupingIds } from '@rumen/rows/grouping-ids'
import { announceReady, onStop, startProcess } from '@rumen/telemetry/lifecycle'
import { createLogger } from '@rumen/telemetry/logger'
import { startTracing } from '@rumen/telemetry/tracing'
import packageJson from '../package.json' with { type: 'json' }
import { startWatching } from './admin/start-watching.ts'
import { createAttempts } from './attempts.ts'
import { digestBatch, isExpired, rejectJob } from './digest-batch.ts'
import { runWorker } from './run-worker.ts'
import { traceBatch } from './trace-batch.ts'
import { startUpkeep } from './upkeep/start-upkeep.ts'

await startProcess('worker', async () => {
  const settings = readSettings(process.env)
  const logger = createLogger({ role: 'worker', level: settings.LOG_LEVEL })
  const url = requireDatabaseUrl(settings)
  const directUrl = directDatabaseUrl(settings)

  // Where both share a machine the gateway goes first: it is the one somebody waits for.
  setPriority(10)

  await migrate(directUrl, (warning) => logger.warn(warning))
  await installQueues(directUrl, (warning) => logger.warn(warning))

  const connection = connect(url, { poolSize: settings.DATABASE_POOL_SIZE, name: 'rumen worker' })
  const { db, close } = connection
  const notifications = connect(directUrl, { poolSize: 1, name: 'rumen worker notifications' })
  const consumer = await startConsumer(url, (error) => logger.warn({ err: error }, 'queue'))
  const tracing = await startTracing({ settings, role: 'worker', version: packageJson.version, logger })
  const watching = startWatching({ settings, connection, logger })
  const { metrics } = watching
  const adminPort = await watching.serve()
  const context = {
    db,
    consumer,
    dimensionIds: createDimensionIds(db),
    groupingConfigs: createGroupingConfigs(db),
    groupingIds: createGroupingIds(db),
    sessionDays: createSessionDays(db),
    limits: settings,
    onWritten: metrics.written,
  }
  const upkeep = await startUpkeep({
    url,
    directUrl,
    retention: retentionOf(settings),
    diskBytes: settings.DATABASE_DISK_BYTES ?? null,
    intervalSeconds: settings.WORKER_INTERVAL_SECS,
    logger,
  })
  // Last: what it digests may end the process, and whoever started it must have heard by then that it runs.
  const worker = runWorker({
    consumer,
    digest: (jobs) => timed(metrics.batch, () => traceBatch(tracing, jobs, () => digestBatch(context, jobs))),
    reject: (job, cause) => rejectJob(context, job, cause),
    isExpired: (job, error) => isExpired(context, job, error),
    attempts: createAttempts(db, metrics.attempted),
    logger,
    batchSizeMax: settings.WORKER_REPORTS_BATCH_SIZE,
    intervalMs: settings.WORKER_INTERVAL_SECS * 1000,
    onClaimed: metrics.claimed,
  })
  watching.announce(worker)
  // Reconnecting may have missed a notification: then too, the queue is looked at.
  await notifications.sql.listen(WAKE_UP_CHANNEL, worker.wake, worker.wake)

  logger.info({ adminPort }, 'digesting events')
  announceReady({ role: 'worker', port: null, adminPort })

  onStop(logger, async () => {
    watching.turnAway()
    await Promise.all([worker.stop(), upkeep.stop()])
    await watching.stop()
    await Promise.all([consumer.stop(), notifications.close(), close(), tracing?.stop()])
  })
})

async function timed<Result>(onEnd: (ms: number) => void, run: () => Promise<Result>): Promise<Result> {
  const startMs = performance.now()
  try {
    return await run()
  } finally {
    onEnd(performance.now() - startMs)
  }
}
