import { directDatabaseUrl, readSettings, requireDatabaseUrl } from '@rumen/config/read-settings'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createDays } from '@rumen/db/partition/create-days'
import { KEY_CHANNEL } from '@rumen/db/project/key-channel'
import { installQueues } from '@rumen/queue/install-queues'
import { startSender } from '@rumen/queue/start-sender'
import { announceReady, onStop, startProcess } from '@rumen/telemetry/lifecycle'
import { createLogger } from '@rumen/telemetry/logger'
import { createKeyCache } from './admit/key-cache.ts'
import { createApp } from './app.ts'
import { createFlush } from './keep/flush.ts'
import { startGroupCommit } from './keep/group-commit.ts'
import { createWakeUp } from './keep/wake-workers.ts'
import { listen } from './listen.ts'
import { createReceive } from './receive.ts'

const HOUR_MS = 60 * 60 * 1000

await startProcess('gateway', async () => {
  const settings = readSettings(process.env)
  const logger = createLogger({ role: 'gateway', level: settings.LOG_LEVEL })
  const url = requireDatabaseUrl(settings)
  const directUrl = directDatabaseUrl(settings)

  await migrate(directUrl, (warning) => logger.warn(warning))
  await installQueues(directUrl, (warning) => logger.warn(warning))

  const database = connect(url, { poolSize: settings.DATABASE_POOL_SIZE, name: 'rumen gateway' })
  const notifications = connect(directUrl, { poolSize: 1, name: 'rumen gateway notifications' })
  const sender = await startSender(url, (error) => logger.warn({ err: error }, 'queue'))
  const groupCommit = await startGroupCommit({
    flush: createFlush(sender),
    open: (onError) => openFlushClient(url, onError),
    logger,
  })
  const keys = createKeyCache(database.db)
  // Reconnecting may have missed a notification: then too, everything is looked up again.
  await notifications.sql.listen(KEY_CHANNEL, keys.clear, keys.clear)

  const upkeep = setInterval(() => {
    createDays(database.sql, new Date()).catch((error: unknown) => logger.error({ err: error }, 'no partitions made'))
  }, HOUR_MS)

  const receive = createReceive({ keys, groupCommit, settings, wakeWorkers: createWakeUp(database, logger) })
  const server = await listen(createApp({ receive, isReady: groupCommit.isReady, logger }), {
    host: settings.HOST,
    port: settings.GATEWAY_PORT,
  })
  logger.info({ host: settings.HOST, port: server.port }, 'taking events')
  announceReady({ role: 'gateway', port: server.port })

  onStop(logger, async () => {
    clearInterval(upkeep)
    await server.close()
    await groupCommit.stop()
    await Promise.all([sender.stop(), notifications.close(), database.close()])
  })
})
