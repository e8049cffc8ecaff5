import { reportSystem } from '@rumen/health/report-system'
import type { SystemWatch } from '@rumen/health/watch-system'
import { createMetrics, type Metrics } from '@rumen/telemetry/metrics'
import type { Written } from '../write/write-batch.ts'
import { createVisibleTimes, type VisibleTimes } from './visible-times.ts'

/** The numbers of one worker. No label is ever what a sender chose. */
export interface WorkerMetrics extends Pick<Metrics, 'text' | 'contentType'> {
  claimed(jobs: number): void
  /** A batch ended, well or not, after so long. */
  batch(ms: number): void
  /** A job was tried alone, because it failed before. */
  attempted(): void
  written(written: Written, jobs: number): void
  /** Jobs settled so far. */
  settled(): number
  visible: Pick<VisibleTimes, 'percentile'>
}

/** Seconds: from a batch of one to the time a batch is given up. */
const BATCH_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
/** From what is usual to what waited out an outage. */
const VISIBLE_BOUNDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600]

/**
 * Events that waited in a spool or in the queue count with all of it: so long nobody saw them. What came more than a day ago is
 * of an import, or was given up and is tried again; of how fast things are it says nothing.
 */
const VISIBLE_MS_MAX = 24 * 60 * 60 * 1000

const OUTCOMES = ['stored', 'duplicate', 'filtered', 'unsupported', 'rejected'] as const

export function createWorkerMetrics(
  system: Pick<SystemWatch, 'observation' | 'checks'>,
  now: () => number = Date.now,
): WorkerMetrics {
  const metrics = createMetrics('rumen_worker_')
  reportSystem(metrics, system)
  const visible = createVisibleTimes()
  let settled = 0
  const claims = metrics.counter({ name: 'jobs_claimed_total', help: 'Jobs taken from the queue.' })
  metrics.counted({ name: 'jobs_settled_total', help: 'Jobs done with.', read: () => settled })
  const batches = metrics.counter({ name: 'batches_total', help: 'Batches digested, or tried.' })
  const attempts = metrics.counter({
    name: 'attempts_total',
    help: 'Jobs tried by themselves, because they failed before or their worker died.',
  })
  const items = countItems(metrics)
  const batchSeconds = metrics.histogram({
    name: 'batch_duration_seconds',
    help: 'Of one batch, from its archives being read to its COMMIT.',
    bounds: BATCH_BOUNDS,
  })
  const visibleSeconds = metrics.histogram({
    name: 'time_to_visible_seconds',
    help: 'From the receipt of an event to the COMMIT of its report; waiting in spool and queue included.',
    bounds: VISIBLE_BOUNDS,
  })
  return {
    claimed: (jobs) => claims.add(jobs),
    batch(ms) {
      batches.add()
      batchSeconds.observe(ms / 1000)
    },
    attempted: () => attempts.add(),
    written({ events, endings }, jobs) {
      settled += jobs
      const nowMs = now()
      for (const { archive } of events) {
        // Clocks of two machines differ: nothing is visible before it came.
        const ms = Math.max(0, nowMs - archive.receivedAt.getTime())
        if (ms > VISIBLE_MS_MAX) continue
        visible.add(ms)
        visibleSeconds.observe(ms / 1000)
      }
      for (const { outcome, quantity } of endings) items.get(outcome)?.add(quantity)
    },
    settled: () => settled,
    visible,
    text: metrics.text,
    contentType: metrics.contentType,
  }
}

function countItems(metrics: Metrics) {
  const series = metrics.counterBy({
    name: 'items_total',
    help: 'Items of what was digested, events among them, by how they ended.',
    labels: ['outcome'],
  })
  return new Map<string, ReturnType<typeof series>>(OUTCOMES.map((outcome) => [outcome, series({ outcome })]))
}
