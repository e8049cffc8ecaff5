import { setTimeout as delay } from 'node:timers/promises'
import { directDatabaseUrl, requireDatabaseUrl, type Settings } from '@rumen/config/read-settings'
import { isLocalDatabase } from '@rumen/db/disk/local-database'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import { findKey } from '@rumen/db/project/find-key'
import { addUsage } from '@rumen/db/quota/add-usage'
import type { Logger } from '@rumen/telemetry/logger'
import { startTracing } from '@rumen/telemetry/tracing'
import packageJson from '../package.json' with { type: 'json' }
import { createRequestIds } from './admin/request-id.ts'
import { createClientAddress } from './admit/client-address.ts'
import { createFairRate } from './admit/fair-rate.ts'
import { createKeyCache, type KeyCache } from './admit/key-cache.ts'
import { createOverloadGate } from './admit/overload-gate.ts'
import { createQuotas } from './admit/quotas.ts'
import { createRateLimits } from './admit/rate-limits.ts'
import { createApp } from './app.ts'
import { createBytesInFlight } from './body/bytes-in-flight.ts'
import { createCompressBody } from './body/compress-body.ts'
import { type BodyLimits, createBodyReader } from './body/read-body.ts'
import { startCanary } from './canary/start-canary.ts'
import { type Listening, listen } from './listen.ts'
import { type GatewayDatabase, openDatabase } from './open-database.ts'
import { createReceive } from './receive.ts'
import { type Spooling, startSpooling } from './spool/start-spooling.ts'
import { startKeeping } from './start-keeping.ts'
import { startUpkeep } from './start-upkeep.ts'
import { startWatching, type Watching } from './start-watching.ts'

export interface Gateway {
  port: number
  adminPort: number
  stop(): Promise<void>
}

/** Starts everything a gateway is made of, in the order it depends on each other, and takes events. */
export async function startGateway(settings: Settings, logger: Logger): Promise<Gateway> {
  const tracing = await startTracing({ settings, role: 'gateway', version: packageJson.version, logger })
  const spooling = await openSpooling(settings, logger)
  const database = await openDatabase({
    url: requireDatabaseUrl(settings),
    directUrl: directDatabaseUrl(settings),
    poolSize: settings.DATABASE_POOL_SIZE,
    mayWait: spooling !== null,
    logger,
  })
  const inFlight = createBytesInFlight(settings.MAX_BYTES_IN_FLIGHT)
  const watching = startWatching({ settings, database, spooling, inFlight, logger })
  const keys = openKeys({ database, spooling, watching })
  const keeping = await startKeeping({ database, spooling, keys, watching, logger })
  const upkeep = startUpkeep(database, logger)
  const gate = createOverloadGate({
    settings,
    bytesInFlight: () => inFlight.bytes,
    oldestPendingMs: keeping.groupCommit.oldestPendingMs,
    isDatabaseReachable: keeping.groupCommit.isConnected,
    spool: spooling,
    isLocalDatabase: isLocalDatabase(requireDatabaseUrl(settings)),
    readGauges: () => readGauges(database.db),
    logger,
  })
  const quotas = createQuotas({ sync: (usages) => addUsage(database.db, usages), logger })
  const bodies = createBodyReader(bodyLimits(settings), inFlight)
  const receive = createReceive({
    clientAddress: createClientAddress(settings.TRUSTED_PROXIES),
    rateLimits: createRateLimits({ settings }),
    quotas,
    isFair: createFairRate(settings),
    gate,
    keys,
    bodies,
    inFlight,
    compressBody: createCompressBody(settings.MAX_CONCURRENT_COMPRESSIONS),
    keep: keeping,
    settings,
  })
  const app = createApp({
    receive,
    witness: watching.witness,
    canKeep: () => keeping.canKeep() && gate.check()?.status !== 503,
    idOf: createRequestIds(),
    tracing,
    prefix: prefixOf(settings),
  })
  const server = await serve(settings, app.fetch)
  const admin = await watching.serve({ keeping, server })
  const canary = startCanary({ db: database.db, settings, port: server.port, logger })
  return {
    port: server.port,
    adminPort: admin.port,
    async stop() {
      // Balancers see that it is not ready and turn away; who is still connected is told to connect anew.
      watching.turnAway()
      server.letGo()
      await delay(settings.STOP_DELAY_SECS * 1000)
      await Promise.all([server.close(), admin.close()])
      for (const part of [bodies, gate, upkeep, canary]) part.stop()
      await Promise.all([spooling?.stop(), quotas.stop()])
      await Promise.all([keeping.groupCommit.stop(), watching.stop()])
      await tracing?.stop()
      await database.close()
    },
  }
}

function openKeys({
  database,
  spooling,
  watching,
}: {
  database: GatewayDatabase
  spooling: Spooling | null
  watching: Watching
}): KeyCache {
  const keys = createKeyCache({
    findKey: (publicKey) => findKey(database.db, publicKey),
    onAnswer: watching.onKeyAnswer,
    ...(spooling && { remembered: spooling.rememberedKey, onLearned: spooling.rememberKey }),
  })
  database.watchKeys(keys.expire)
  return keys
}

function bodyLimits(settings: Settings): BodyLimits {
  return { firstByteMs: settings.BODY_FIRST_BYTE_TIMEOUT_SECS * 1000, wholeMs: settings.BODY_TIMEOUT_SECS * 1000 }
}

function prefixOf({ PUBLIC_URL }: Settings): string {
  return PUBLIC_URL === undefined ? '' : new URL(PUBLIC_URL).pathname.replace(/\/$/, '')
}

async function openSpooling(settings: Settings, logger: Logger): Promise<Spooling | null> {
  if (settings.SPOOL_DIR === undefined) return null
  return await startSpooling({
    dir: settings.SPOOL_DIR,
    bytesMax: settings.SPOOL_MAX_BYTES,
    minFreeBytes: settings.MIN_FREE_DISK_BYTES,
    logger,
  })
}

async function serve(settings: Settings, fetch: Parameters<typeof listen>[0]): Promise<Listening> {
  const server = await listen(fetch, {
    host: settings.HOST,
    port: settings.GATEWAY_PORT,
    portVariable: 'GATEWAY_PORT',
    headerBytesMax: settings.MAX_REQUEST_HEADER_BYTES,
    headersMs: settings.REQUEST_HEADER_TIMEOUT_SECS * 1000,
    connectionsMax: settings.MAX_CONNECTIONS,
  })
  return server
}
