import { setTimeout as delay } from 'node:timers/promises'
import { migrate } from '@rumen/db/migrate'
import { isAway } from '@rumen/db/sql-state'
import { installQueues } from '@rumen/queue/install-queues'
import { type Sender, startSender } from '@rumen/queue/start-sender'
import type { Logger } from '@rumen/telemetry/logger'

const PAUSE_MS = 1_000
/** A database that does not even refuse is not waited for longer before events are taken. */
const PATIENCE_MS = 3_000

/** A database whose schema and queues are those of this version. */
export interface PreparedDatabase {
  /** Resolves with what jobs are sent through, once the database is ready for it. */
  sender: Promise<Sender>
  /** Gives up waiting for the database, and stops what was started. */
  stop(): Promise<void>
}

/**
 * Brings the database up to date and starts the sender. Where it is away and `mayWait` (there is a spool), that goes on in
 * the background until it is back; everything else that fails rejects: a wrong password does not get better by waiting.
 */
export async function prepareDatabase({
  url,
  directUrl,
  mayWait,
  logger,
}: {
  url: string
  directUrl: string
  mayWait: boolean
  logger: Logger
}): Promise<PreparedDatabase> {
  const stopping = new AbortController()

  async function prepare(): Promise<Sender> {
    await migrate(directUrl, (warning) => logger.warn(warning))
    await installQueues(directUrl, (warning) => logger.warn(warning))
    return await startSender(url, (error) => logger.warn({ err: error }, 'queue'))
  }

  async function prepareAgain(): Promise<Sender> {
    for (;;) {
      await delay(PAUSE_MS, undefined, { signal: stopping.signal, ref: false })
      try {
        const sender = await prepare()
        logger.info('the database is there')
        return sender
      } catch (error) {
        logger.warn({ err: error }, 'no database yet')
      }
    }
  }

  const first = prepare()
  const sender = first.catch((error: unknown) => {
    if (!mayWait || !isAway(error)) throw error
    logger.warn({ err: error }, 'the database is away: events are kept in SPOOL_DIR until it is back')
    return prepareAgain()
  })
  await Promise.race([sender, ...(mayWait ? [first.catch(() => null), patience(stopping.signal)] : [])])
  // Whoever needs it waits for it; that nobody does is no error.
  sender.catch((error: unknown) => {
    if (!stopping.signal.aborted) logger.error({ err: error }, 'the database cannot be used')
  })
  return {
    sender,
    async stop() {
      stopping.abort()
      await sender.then(
        (started) => started.stop(),
        () => undefined,
      )
    },
  }
}

async function patience(signal: AbortSignal): Promise<void> {
  await delay(PATIENCE_MS, undefined, { signal, ref: false }).catch(() => undefined)
}
