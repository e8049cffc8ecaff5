import type { CanaryState } from '@rumen/db/canary/read-canary'
import type { DiskForecast } from '@rumen/db/disk/forecast-disk'
import type { Gauges } from '@rumen/db/gauge/read-gauges'
import type { SeenProcess } from '@rumen/db/process/read-processes'
import type { LargeDrop } from '@rumen/db/retention/large-drop'

/** What one process last wrote to `gauge` about the queue, for all to read. */
export interface QueueGauges {
  /** Those that wait for a later try, too. */
  waiting: number
  active: number
  /** How long the oldest waiting job has been waiting; 0: none waits. */
  oldestSeconds: number
  /** Jobs nobody tries any more. */
  dead: number
  /** Since it was measured. */
  ageSeconds: number
}

/** What changes from second to second. */
export interface Recent {
  /** Null: it was never measured. */
  queue: QueueGauges | null
  processes: readonly SeenProcess[]
  canary: CanaryState
}

/** What is known of all of Rumen at a moment. Null: it could not be looked at, or not for too long. */
export interface Observation {
  recent: Recent | null
  /** Days after today whose partitions are made. */
  daysAhead: number | null
  /** `forecast` null: nobody has measured it yet; `largeDrop` null: nothing waits to be dropped. */
  disk: { forecast: DiskForecast | null; largeDrop: LargeDrop | null } | null
}

/** Null where any of them was never measured. */
export function queueOf(gauges: Gauges): QueueGauges | null {
  const { queue_waiting, queue_active, queue_oldest_seconds, queue_dead } = gauges
  if (!queue_waiting || !queue_active || !queue_oldest_seconds || !queue_dead) return null
  return {
    waiting: queue_waiting.value,
    active: queue_active.value,
    oldestSeconds: queue_oldest_seconds.value,
    dead: queue_dead.value,
    ageSeconds: queue_waiting.ageSeconds,
  }
}
