import type { Settings } from '@rumen/config/read-settings'
import type { Gauges } from '@rumen/db/gauge/read-gauges'
import type { Logger } from '@rumen/telemetry/logger'
import type { Spool } from '../spool/spool.ts'
import type { Limit } from './limit.ts'
import { createQueueWatch } from './queue-watch.ts'

/** How a request is turned away: for a while, or because nothing durable can take it. */
export type Shed = { status: 429; limit: Limit } | { status: 503 }

export interface OverloadGate {
  /** Before a body is read; null: go on. Asks nobody. */
  check(): Shed | null
  stop(): void
}

export interface OverloadGateOptions {
  settings: Pick<Settings, 'MAX_BYTES_IN_FLIGHT' | 'MAX_QUEUE_EVENTS'>
  /** Of bodies that are read or wait for their COMMIT. */
  bytesInFlight: () => number
  /** Since the oldest receipt began to wait for its COMMIT; 0: none waits. */
  oldestPendingMs: () => number
  isDatabaseReachable: () => boolean
  /** Null: there is none. It also knows how full the disk below it is. */
  spool: Pick<Spool, 'hasRoom' | 'state'> | null
  /** Whether the database fills the disk of the spool too. */
  isLocalDatabase: boolean
  readGauges: () => Promise<Gauges>
  logger: Logger
  /** In milliseconds, never backwards. */
  now?: () => number
}

/** Also what a body is told that finds no room while it is read. */
export const TOO_MANY_BYTES: Limit = {
  reason: 'overload_bytes',
  scope: 'organization',
  retryAfterSecs: 5,
  detail: 'too much is under way at once (MAX_BYTES_IN_FLIGHT)',
}

const SLOW_COMMITS: Limit = {
  reason: 'overload_commit',
  scope: 'organization',
  retryAfterSecs: 10,
  detail: 'the database takes more than 5 seconds to store events, and there is no spool with room (SPOOL_DIR)',
}

const LONG_QUEUE: Limit = {
  reason: 'overload_queue',
  scope: 'organization',
  retryAfterSecs: 30,
  detail: 'too many events wait to be digested (MAX_QUEUE_EVENTS)',
}

const PENDING_MS_MAX = 5_000
const REFRESH_MS = 1_000

/**
 * Turns requests away while turning away is all that can still be done for them (design, "overload gate"). What SDKs are
 * refused they throw away, so each rule waits until keeping would fail too. That the database cannot be reached is none:
 * the spool takes over, and where there is none, whoever keeps events says so.
 */
export function createOverloadGate(options: OverloadGateOptions): OverloadGate {
  const { settings, bytesInFlight, oldestPendingMs, isDatabaseReachable, spool, isLocalDatabase } = options
  const queue = createQueueWatch(options)
  let isDiskFull = false

  function refresh(): void {
    isDiskFull = isLocalDatabase && (spool?.state().isDiskLow ?? false)
    if (isDatabaseReachable()) void queue.refresh()
  }

  function isQueueFull(): boolean {
    const waiting = settings.MAX_QUEUE_EVENTS === 0 ? null : queue.read('queue_waiting')
    return waiting !== null && waiting >= settings.MAX_QUEUE_EVENTS
  }

  refresh()
  const timer = setInterval(refresh, REFRESH_MS)
  timer.unref()

  return {
    check() {
      if (isDiskFull) return { status: 503 }
      if (bytesInFlight() >= settings.MAX_BYTES_IN_FLIGHT) return { status: 429, limit: TOO_MANY_BYTES }
      if (oldestPendingMs() > PENDING_MS_MAX && isDatabaseReachable() && !spool?.hasRoom()) {
        return { status: 429, limit: SLOW_COMMITS }
      }
      return isQueueFull() ? { status: 429, limit: LONG_QUEUE } : null
    },
    stop: () => clearInterval(timer),
  }
}
