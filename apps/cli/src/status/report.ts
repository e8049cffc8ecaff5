import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { type Connection, connect } from '@rumen/db/connect'
import type { DiskForecast } from '@rumen/db/disk/forecast-disk'
import { type QueueState, readQueues } from '@rumen/db/gauge/read-queues'
import type { SeenProcess } from '@rumen/db/process/read-processes'
import { hasSqlState, SQL_STATE } from '@rumen/db/sql-state'
import { type Check, well, worstOf } from '@rumen/health/check'
import { healthOfProcess, type ProcessHealth } from '@rumen/health/judge-processes'
import { ratesOf } from '@rumen/health/judge-queue'
import { judgeSystem } from '@rumen/health/judge-system'
import type { QueueGauges } from '@rumen/health/observation'
import { observeSystem } from '@rumen/health/watch-system'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import { errorText } from '@rumen/telemetry/error-text'
import { joinDatabase } from '../open-database.ts'

/** How Rumen is, as far as the database tells. */
export interface Status {
  status: 'ok' | 'degraded' | 'failing'
  /** In the order they are printed. */
  checks: Readonly<Record<string, Check>>
  /** Null: the database could not be asked. */
  seen: Seen | null
}

export interface Seen {
  processes: readonly (SeenProcess & { health: ProcessHealth })[]
  /** All that wait for workers together, and each by itself. */
  queue: QueueGauges
  queues: readonly QueueState[]
  acceptedPerSecond: number
  digestedPerSecond: number
  /** Of the slowest worker, over the last minute; null: no events. */
  visibleMedianMs: number | null
  visibleSlowMs: number | null
  daysAhead: number | null
  /** Null: nobody has measured it. */
  disk: DiskForecast | null
  /** Of PostgreSQL. */
  databaseVersion: string
}

/** Longer than that nobody waits for an answer; and it is one. */
const LOOK_MS_MAX = 15_000

/** Looks at everything once. Never rejects for what is wrong with Rumen: that is what it tells. */
export async function readStatus(settings: Settings): Promise<Status> {
  try {
    const database = await joinDatabase(settings)
    if (!database) return unreachable('no database runs here', 'start Rumen (npm start), or set DATABASE_URL')
    try {
      const connection = connect(database.url, { poolSize: 1, name: 'rumen status' })
      try {
        return await withinTime(look(connection, settings))
      } finally {
        await connection.close()
      }
    } finally {
      await database.close()
    }
  } catch (error) {
    return unreachable(...faultOf(error))
  }
}

async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
  const late = delay(LOOK_MS_MAX, undefined, { ref: false }).then(() => {
    throw new Error(`it took longer than ${LOOK_MS_MAX / 1000} s`)
  })
  return await Promise.race([work, late])
}

function unreachable(message: string, advice: string): Status {
  return { status: 'failing', checks: { database: { status: 'failing', message, advice, figures: {} } }, seen: null }
}

function faultOf(error: unknown): [message: string, advice: string] {
  if (hasSqlState(error, SQL_STATE.undefinedTable) || hasSqlState(error, SQL_STATE.undefinedColumn)) {
    return ['the database is not brought up to date', 'run rumen migrate']
  }
  return [
    `the database does not answer: ${errorText(error)}`,
    'bring it back: events wait in the spools until then, where SPOOL_DIR is set',
  ]
}

async function look(connection: Pick<Connection, 'db' | 'sql'>, settings: Settings): Promise<Status> {
  const observation = await observeSystem(connection, retentionOf(settings))
  const [dead, ...queues] = await connection.db.transaction((tx) => readQueues(tx, [DEAD_QUEUE, ...DIGEST_QUEUES]))
  const [version] = await connection.sql<[{ server_version: string }]>`SHOW server_version`
  // Measured this moment, whether anybody else did or not.
  const queue = sumOf(queues, dead?.waiting ?? 0)
  const recent = { ...observation.recent, queue }
  const circumstances = {
    canaryIntervalSeconds: settings.CANARY_INTERVAL_SECS,
    settledSeconds: Number.POSITIVE_INFINITY,
    now: new Date(),
  }
  const checks = { database: well(), ...judgeSystem({ ...observation, recent }, circumstances) }
  const processes = recent.processes.map((process) => ({ ...process, health: healthOfProcess(process, queue) }))
  return {
    status: worstOf(Object.values(checks)),
    checks,
    seen: {
      processes,
      queue,
      queues,
      ...ratesOf(processes, queue),
      visibleMedianMs: slowestOf(processes, ({ visibleMedianMs }) => visibleMedianMs),
      visibleSlowMs: slowestOf(processes, ({ visibleSlowMs }) => visibleSlowMs),
      daysAhead: observation.daysAhead,
      disk: observation.disk?.forecast ?? null,
      databaseVersion: version.server_version,
    },
  }
}

function sumOf(queues: readonly QueueState[], dead: number): QueueGauges {
  return {
    waiting: queues.reduce((sum, queue) => sum + queue.waiting, 0),
    active: queues.reduce((sum, queue) => sum + queue.active, 0),
    oldestSeconds: Math.round(Math.max(0, ...queues.map((queue) => queue.oldestSeconds))),
    dead,
    ageSeconds: 0,
  }
}

function slowestOf(processes: Seen['processes'], read: (process: SeenProcess) => number | null): number | null {
  const times = processes.flatMap((process) => (process.health === 'dead' ? [] : [read(process)]))
  const known = times.filter((time) => time !== null)
  return known.length === 0 ? null : Math.max(...known)
}
