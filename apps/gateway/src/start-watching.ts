import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { type Heartbeat, startHeartbeat, type ToldState } from '@rumen/health/start-heartbeat'
import { watchSystem } from '@rumen/health/watch-system'
import type { Logger } from '@rumen/telemetry/logger'
import { type AdminServer, serveAdmin } from '@rumen/telemetry/serve-admin'
import packageJson from '../package.json' with { type: 'json' }
import { createDoorLedger } from './admin/door-ledger.ts'
import { createGatewayMetrics, type GatewayMetrics } from './admin/gateway-metrics.ts'
import type { GatewayState } from './admin/gateway-state.ts'
import { healthOf } from './admin/health.ts'
import { createRequestLog } from './admin/request-log.ts'
import { createWitness, type GatewayWitness } from './admin/witness.ts'
import type { BytesInFlight } from './body/bytes-in-flight.ts'
import type { Listening } from './listen.ts'
import type { GatewayDatabase } from './open-database.ts'
import type { Spooling } from './spool/start-spooling.ts'
import type { Keeping } from './start-keeping.ts'

const { version } = packageJson

/** What tells others how the gateway is: ledger, metrics, log, health. */
export interface Watching {
  witness: GatewayWitness
  onFlush: GatewayMetrics['flushed']
  onKeyAnswer: GatewayMetrics['keyLookedUp']
  /** Serves the admin port, once there is something to tell of. */
  serve(parts: WatchedParts): Promise<AdminServer>
  /** From now on it is not ready: balancers are to turn away. */
  turnAway(): void
  stop(): Promise<void>
}

/** What is started after those who watch it. */
export interface WatchedParts {
  keeping: Keeping
  server: Listening
}

export function startWatching({
  settings,
  database,
  spooling,
  inFlight,
  logger,
}: {
  settings: Settings
  database: GatewayDatabase
  spooling: Spooling | null
  inFlight: BytesInFlight
  logger: Logger
}): Watching {
  let parts: WatchedParts | null = null
  let isStopping = false
  const state: GatewayState = {
    isStopping: () => isStopping,
    canCommit: () => parts?.keeping.groupCommit.isReady() ?? false,
    canSpool: () => spooling?.hasRoom() ?? false,
    breaker: () => parts?.keeping.breaker.state ?? 'closed',
    spool: () => spooling?.state() ?? null,
    bytesInFlight: () => inFlight.bytes,
    pendingReceipts: () => parts?.keeping.groupCommit.pendingCount() ?? 0,
    connections: () => parts?.server.connections() ?? 0,
  }
  const system = watchSystem({
    connection: database,
    canaryIntervalSeconds: settings.CANARY_INTERVAL_SECS,
    retention: retentionOf(settings),
    logger,
  })
  const metrics = createGatewayMetrics(state, system)
  const flushIntervalMs = settings.ANALYTICS_FLUSH_INTERVAL_SECS * 1000
  const ledger = createDoorLedger({ db: database.db, logger, flushIntervalMs })
  const log = createRequestLog(logger)
  const told = () => toldState(metrics, state)
  let heartbeat: Heartbeat | null = null
  return {
    witness: createWitness({ ledger, metrics, log }),
    onFlush: metrics.flushed,
    onKeyAnswer: metrics.keyLookedUp,
    async serve(running) {
      parts = running
      heartbeat = startHeartbeat({ db: database.db, role: 'gateway', version, state: told, logger })
      const { ADMIN_HOST: host, GATEWAY_ADMIN_PORT: port } = settings
      const queue = () => system.observation().recent?.queue ?? null
      return await serveAdmin(
        {
          health: () => healthOf(state, { checks: system.checks, queue }, { version }),
          isReady: () => !state.isStopping() && (state.canCommit() || state.canSpool()),
          metrics,
        },
        { host, port, portVariable: 'GATEWAY_ADMIN_PORT' },
      )
    },
    turnAway() {
      isStopping = true
    },
    async stop() {
      log.stop()
      system.stop()
      await Promise.all([ledger.stop(), heartbeat?.stop()])
    },
  }
}

/** What the others are told of this gateway. */
function toldState(metrics: Pick<GatewayMetrics, 'archived'>, state: GatewayState): ToldState {
  return {
    ...{ busyMs: null, lookedMs: null, digested: 0, visibleMedianMs: null, visibleSlowMs: null },
    accepted: metrics.archived(),
    spool: state.spool(),
  }
}
