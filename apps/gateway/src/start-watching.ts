import type { Settings } from '@rumen/config/read-settings'
import type { Gauges } from '@rumen/db/gauge/read-gauges'
import type { Logger } from '@rumen/telemetry/logger'
import packageJson from '../package.json' with { type: 'json' }
import { createDoorLedger } from './admin/door-ledger.ts'
import { createGatewayMetrics, type GatewayMetrics } from './admin/gateway-metrics.ts'
import type { GatewayState, QueueGauges } from './admin/gateway-state.ts'
import { createRequestLog } from './admin/request-log.ts'
import { serveAdmin } from './admin/serve-admin.ts'
import { createWitness, type GatewayWitness } from './admin/witness.ts'
import type { OverloadGate } from './admit/overload-gate.ts'
import type { BytesInFlight } from './body/bytes-in-flight.ts'
import type { Listening } from './listen.ts'
import type { GatewayDatabase } from './open-database.ts'
import type { Spooling } from './spool/start-spooling.ts'
import type { Keeping } from './start-keeping.ts'
import type { Upkeep } from './start-upkeep.ts'

/** What tells others how the gateway is: ledger, metrics, log, health. */
export interface Watching {
  witness: GatewayWitness
  onFlush: GatewayMetrics['flushed']
  onKeyAnswer: GatewayMetrics['keyLookedUp']
  /** Serves the admin port, once there is something to tell of. */
  serve(parts: WatchedParts): Promise<Pick<Listening, 'port' | 'close'>>
  /** From now on it is not ready: balancers are to turn away. */
  turnAway(): void
  stop(): Promise<void>
}

/** What is started after those who watch it. */
export interface WatchedParts {
  keeping: Keeping
  gate: OverloadGate
  upkeep: Upkeep
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
    partitionDaysAhead: () => parts?.upkeep.daysAhead() ?? null,
    queue: () => queueOf(parts?.gate.gauges() ?? {}),
    bytesInFlight: () => inFlight.bytes,
    pendingReceipts: () => parts?.keeping.groupCommit.pendingCount() ?? 0,
    connections: () => parts?.server.connections() ?? 0,
  }
  const metrics = createGatewayMetrics(state)
  const flushIntervalMs = settings.ANALYTICS_FLUSH_INTERVAL_SECS * 1000
  const ledger = createDoorLedger({ db: database.db, logger, flushIntervalMs })
  const log = createRequestLog(logger)
  return {
    witness: createWitness({ ledger, metrics, log }),
    onFlush: metrics.flushed,
    onKeyAnswer: metrics.keyLookedUp,
    async serve(running) {
      parts = running
      const { ADMIN_HOST: host, GATEWAY_ADMIN_PORT: port } = settings
      return await serveAdmin({ state, metrics, version: packageJson.version }, { host, port })
    },
    turnAway() {
      isStopping = true
    },
    async stop() {
      log.stop()
      await ledger.stop()
    },
  }
}

function queueOf(gauges: Gauges): QueueGauges | null {
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
