import type { SystemChecks } from '@rumen/health/judge-system'
import type { QueueGauges } from '@rumen/health/observation'
import type { BreakerState } from '../keep/breaker.ts'
import type { SpoolState } from '../spool/spool.ts'

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
  bytesInFlight(): number
  /** Receipts that wait for a lane. */
  pendingReceipts(): number
  connections(): number
}

/** What it knows of everybody else. */
export interface SystemState {
  checks(): SystemChecks
  /** Null: nothing was read yet, or too long ago. */
  queue(): QueueGauges | null
}
