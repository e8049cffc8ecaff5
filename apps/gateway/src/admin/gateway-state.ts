import type { BreakerState } from '../keep/breaker.ts'
import type { SpoolState } from '../spool/spool.ts'

/** What one process last wrote to `gauge` about the queue, for all to read. */
export interface QueueGauges {
  waiting: number
  active: number
  /** How long the oldest waiting job has been waiting. */
  oldestSeconds: number
  /** Jobs nobody tries any more. */
  dead: number
  /** Since it was measured. */
  ageSeconds: number
}

/** What a gateway knows of itself at the moment. Nothing here asks anybody: health and metrics are read while it burns. */
export interface GatewayState {
  /** Told to stop: balancers are to turn away, though events are still taken. */
  isStopping(): boolean
  /** Whether what comes now could be committed. */
  canCommit(): boolean
  /** Whether what comes now could be spooled; false without a spool. */
  canSpool(): boolean
  breaker(): BreakerState
  /** Null: SPOOL_DIR is not set. */
  spool(): SpoolState | null
  /** Days after today that have a partition; null: not looked yet. */
  partitionDaysAhead(): number | null
  /** Null: nothing was read yet. */
  queue(): QueueGauges | null
  bytesInFlight(): number
  /** Receipts that wait for a lane. */
  pendingReceipts(): number
  connections(): number
}
