import type { Connection } from '@rumen/db/connect'
import { WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import type { Logger } from '@rumen/telemetry/logger'

const INTERVAL_MS = 20

/**
 * Tells the workers that there is work: at once after a quiet time, then at most every 20 ms. On a connection of its own
 * and after the commit: inside the flush a NOTIFY would serialise the commits of all gateways (measured on a slow disk:
 * 1,446 transactions a second became 189). A lost wake-up costs a worker's polling interval, never an event.
 */
export function createWakeUp({ sql }: Connection, logger: Logger): () => void {
  let wanted = false
  let resting = false

  function send(): void {
    wanted = false
    resting = true
    sql.notify(WAKE_UP_CHANNEL, '').catch((error: unknown) => logger.debug({ err: error }, 'no wake-up was sent'))
    setTimeout(() => {
      resting = false
      if (wanted) send()
    }, INTERVAL_MS).unref()
  }

  return () => {
    if (resting) wanted = true
    else send()
  }
}
