import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import type { Connection } from '@rumen/db/connect'
import { startHeartbeat, type ToldState } from '@rumen/health/start-heartbeat'
import { watchSystem } from '@rumen/health/watch-system'
import type { Logger } from '@rumen/telemetry/logger'
import { serveAdmin } from '@rumen/telemetry/serve-admin'
import packageJson from '../../package.json' with { type: 'json' }
import type { RunningWorker } from '../run-worker.ts'
import { healthOf } from './health.ts'
import { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts'

/** What tells others how the worker is: metrics, health, heartbeat. */
export interface Watching {
  metrics: WorkerMetrics
  /** Serves the admin port, and gives it. */
  serve(): Promise<number>
  /** Tells all others that this worker lives, and how it is. */
  announce(worker: RunningWorker): void
  /** From now on it is not ready. */
  turnAway(): void
  stop(): Promise<void>
}

const { version } = packageJson

export function startWatching({
  settings,
  connection,
  logger,
}: {
  settings: Settings
  connection: Pick<Connection, 'db' | 'sql'>
  logger: Logger
}): Watching {
  const system = watchSystem({
    connection,
    canaryIntervalSeconds: settings.CANARY_INTERVAL_SECS,
    retention: retentionOf(settings),
    logger,
  })
  const metrics = createWorkerMetrics(system)
  const stops: (() => Promise<void>)[] = []
  let isStopping = false
  return {
    metrics,
    async serve() {
      const { ADMIN_HOST: host, WORKER_ADMIN_PORT: port } = settings
      const admin = await serveAdmin(
        {
          health: () => healthOf(system, version),
          isReady: () => !isStopping && system.isDatabaseReachable(),
          metrics,
        },
        { host, port, portVariable: 'WORKER_ADMIN_PORT' },
      )
      stops.push(admin.close)
      return admin.port
    },
    announce(worker) {
      const state = () => toldState(worker, metrics)
      stops.push(startHeartbeat({ db: connection.db, role: 'worker', version, state, logger }).stop)
    },
    turnAway() {
      isStopping = true
    },
    async stop() {
      system.stop()
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

function toldState(worker: RunningWorker, { settled, visible }: WorkerMetrics): ToldState {
  return {
    busyMs: worker.busyMs(),
    lookedMs: worker.lookedMs(),
    accepted: 0,
    digested: settled(),
    visibleMedianMs: visible.percentile(0.5),
    visibleSlowMs: visible.percentile(0.99),
    spool: null,
  }
}
