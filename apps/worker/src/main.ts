import { setPriority } from 'node:os'
import { directDatabaseUrl, readSettings, requireDatabaseUrl } from '@rumen/config/read-settings'
import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createSessionDays } from '@rumen/db/session/session-days'
import { WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { installQueues } from '@rumen/queue/install-queues'
import { startConsumer } from '@rumen/queue/start-consumer'
import { announceReady, onStop, startProcess } from '@rumen/telemetry/lifecycle'
import { createLogger } from '@rumen/telemetry/logger'
import { createAttempts } from './attempts.ts'
import { digestBatch, rejectJob } from './digest-batch.ts'
import { createDimensionIds } from './resolve/dimension-ids.ts'
import { createGroupingConfigs } from './resolve/grouping-configs.ts'
import { createGroupingIds } from './resolve/grouping-ids.ts'
import { runWorker } from './run-worker.ts'
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

  const { db, close } = connect(url, { poolSize: settings.DATABASE_POOL_SIZE, name: 'rumen worker' })
  const notifications = connect(directUrl, { poolSize: 1, name: 'rumen worker notifications' })
  const consumer = await startConsumer(url, (error) => logger.warn({ err: error }, 'queue'))
  const context = {
    db,
    consumer,
    dimensionIds: createDimensionIds(db),
    groupingConfigs: createGroupingConfigs(db),
    groupingIds: createGroupingIds(db),
    sessionDays: createSessionDays(db),
    limits: settings,
  }
  const worker = runWorker({
    consumer,
    digest: (jobs) => digestBatch(context, jobs),
    reject: (job, cause) => rejectJob(context, job, cause),
    attempts: createAttempts(db),
    logger,
    batchSizeMax: settings.WORKER_REPORTS_BATCH_SIZE,
    intervalMs: settings.WORKER_INTERVAL_SECS * 1000,
  })
  // Reconnecting may have missed a notification: then too, the queue is looked at.
  await notifications.sql.listen(WAKE_UP_CHANNEL, worker.wake, worker.wake)

  const upkeep = startUpkeep({ db, directUrl, logger })

  logger.info('digesting events')
  announceReady({ role: 'worker', port: null })

  onStop(logger, async () => {
    await Promise.all([worker.stop(), upkeep.stop()])
    await Promise.all([consumer.stop(), notifications.close(), close()])
  })
})
