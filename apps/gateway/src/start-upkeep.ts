import { measureQueue } from '@rumen/db/gauge/measure-queue'
import { createDays } from '@rumen/db/partition/create-days'
import { removeOldUsage } from '@rumen/db/quota/remove-old-usage'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import type { Logger } from '@rumen/telemetry/logger'
import { repeat } from '@rumen/telemetry/repeat'
import type { GatewayDatabase } from './open-database.ts'

export interface Upkeep {
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
  const tasks = [
    repeat(HOUR_MS, () => createDays(sql, new Date()), onError('no partitions were made')),
    repeat(HOUR_MS, () => removeOldUsage(db, new Date()), onError('old quota counts were not removed')),
    repeat(
      5 * SECOND_MS,
      () => measureQueue(db, { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }),
      onError('the queue was not measured'),
    ),
  ]

  function onError(what: string) {
    return (error: unknown) => logger.warn({ err: error }, what)
  }

  return {
    stop() {
      for (const task of tasks) void task.stop()
    },
  }
}
