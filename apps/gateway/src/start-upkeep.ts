import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { createDays } from '@rumen/db/partition/create-days'
import { daysAhead } from '@rumen/db/partition/days-ahead'
import { removeOldUsage } from '@rumen/db/quota/remove-old-usage'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import type { Logger } from '@rumen/telemetry/logger'
import type { GatewayDatabase } from './open-database.ts'

export interface Upkeep {
  /** Days after today that have partitions; null: not known yet. */
  daysAhead(): number | null
  stop(): void
}

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/**
 * What has to be done now and then, whatever is received: gateways do it, too, because they run when no worker does. All of
 * it may be done by any number of them at once.
 */
export function startUpkeep({ db, sql }: Pick<GatewayDatabase, 'db' | 'sql'>, logger: Logger): Upkeep {
  let days: number | null = null
  const tasks = [
    repeat(HOUR_MS, () => createDays(sql, new Date()), onError('no partitions were made')),
    repeat(HOUR_MS, () => removeOldUsage(db, new Date()), onError('old quota counts were not removed')),
    repeat(
      5 * SECOND_MS,
      () => measureQueue(db, { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }),
      onError('the queue was not measured'),
    ),
    repeat(MINUTE_MS, lookAhead, onError('the partitions were not looked at')),
  ]

  async function lookAhead(): Promise<void> {
    days = await daysAhead(sql, new Date())
  }

  function onError(what: string) {
    return (error: unknown) => logger.warn({ err: error }, what)
  }

  return {
    daysAhead: () => days,
    stop: () => tasks.forEach(clearInterval),
  }
}

/** Now and then again; a run that takes longer than the pause is not overtaken by the next. */
function repeat(pauseMs: number, run: () => Promise<unknown>, onError: (error: unknown) => void): NodeJS.Timeout {
  let running = false
  const once = () => {
    if (running) return
    running = true
    run()
      .catch(onError)
      .finally(() => {
        running = false
      })
  }
  once()
  return setInterval(once, pauseMs).unref()
}
