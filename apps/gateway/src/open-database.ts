import { setTimeout as delay } from 'node:timers/promises'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { type Connection, connect } from '@rumen/db/connect'
import { KEY_CHANNEL } from '@rumen/db/project/key-channel'
import type { Sender } from '@rumen/queue/start-sender'
import type { Logger } from '@rumen/telemetry/logger'
import type { LaneOptions } from './keep/lane.ts'
import { prepareDatabase } from './prepare-database.ts'

/** What a gateway uses of the database, which may be away now and then, at the start, too. */
export interface GatewayDatabase extends Pick<Connection, 'db' | 'sql'> {
  sender: Pick<Sender, 'enqueue'>
  openFlushClient: LaneOptions['open']
  /** Calls `onChange` when a key may have changed, and when notifications may have been missed. */
  watchKeys(onChange: () => void): void
  close(): Promise<void>
}

const PAUSE_MS = 1_000

/** Opens the connections; rejects as `prepareDatabase` does. */
export async function openDatabase(options: {
  url: string
  directUrl: string
  poolSize: number
  mayWait: boolean
  logger: Logger
}): Promise<GatewayDatabase> {
  const { url, directUrl, poolSize, logger } = options
  const prepared = await prepareDatabase(options)
  const { db, sql, close } = connect(url, { poolSize, name: 'rumen gateway' })
  const notifications = connect(directUrl, { poolSize: 1, name: 'rumen gateway notifications' })
  const stopping = new AbortController()

  async function watch(onChange: () => void): Promise<void> {
    await prepared.sender
    while (!stopping.signal.aborted) {
      try {
        // Reconnecting may have missed a notification: then too, everything is looked up again.
        await notifications.sql.listen(KEY_CHANNEL, onChange, onChange)
        return
      } catch (error) {
        logger.warn({ err: error }, 'no notifications yet')
        await delay(PAUSE_MS, undefined, { ref: false })
      }
    }
  }

  return {
    db,
    sql,
    sender: { enqueue: async (transaction, jobs) => (await prepared.sender).enqueue(transaction, jobs) },
    async openFlushClient(onError) {
      await prepared.sender
      return await openFlushClient(url, onError)
    },
    watchKeys(onChange) {
      watch(onChange).catch((error: unknown) => logger.debug({ err: error }, 'keys are not watched'))
    },
    async close() {
      stopping.abort()
      await prepared.stop()
      await Promise.all([notifications.close(), close()])
    },
  }
}
