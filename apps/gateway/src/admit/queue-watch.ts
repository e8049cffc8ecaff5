import type { GaugeName, Gauges } from '@rumen/db/gauge/read-gauges'
import type { Logger } from '@rumen/telemetry/logger'

export interface QueueWatch {
  /** Reads the gauges and warns of a long queue. Never rejects; calls that overlap are one. */
  refresh(): Promise<void>
  /** What a gauge says; null where it was never measured, or too long ago to decide anything by. */
  read(name: GaugeName): number | null
}

/** A measurement is made every few seconds: one this old is of a process that has gone. */
const AGE_SECONDS_MAX = 60

/** An archive is there to be filled, so a long queue is no fault; but somebody should know. */
const WARNED_WAITING = 100_000
const WARNED_SECONDS = 5 * 60
const WARNING_INTERVAL_MS = 60_000

/** What one process measured of the queue, in the memory of this one. `now` in milliseconds, never backwards. */
export function createQueueWatch({
  readGauges,
  logger,
  now = () => performance.now(),
}: {
  readGauges: () => Promise<Gauges>
  logger: Logger
  now?: (() => number) | undefined
}): QueueWatch {
  let known: Gauges = {}
  let readAtMs = 0
  let warnedAtMs = Number.NEGATIVE_INFINITY
  let refreshing: Promise<void> | null = null

  const ageNow = (ageSeconds: number) => ageSeconds + (now() - readAtMs) / 1000

  function read(name: GaugeName): number | null {
    const gauge = known[name]
    return gauge && ageNow(gauge.ageSeconds) < AGE_SECONDS_MAX ? gauge.value : null
  }

  function warn(): void {
    const waiting = read('queue_waiting') ?? 0
    const oldestSeconds = read('queue_oldest_seconds') ?? 0
    const isLong = waiting > WARNED_WAITING || oldestSeconds > WARNED_SECONDS
    if (!isLong || now() - warnedAtMs < WARNING_INTERVAL_MS) return
    warnedAtMs = now()
    logger.warn(
      { waiting, oldestSeconds },
      'events wait long to be digested: more workers are needed, or a look at those that run',
    )
  }

  async function readAll(): Promise<void> {
    try {
      known = await readGauges()
      readAtMs = now()
      warn()
    } catch (error) {
      // What is known grows old meanwhile, and then decides nothing.
      logger.debug({ err: error }, 'the gauges of the queue could not be read')
    }
  }

  return {
    read,
    refresh() {
      refreshing ??= readAll().finally(() => {
        refreshing = null
      })
      return refreshing
    },
  }
}
