import type { GatewayState, QueueGauges } from './gateway-state.ts'

/** `failing` is this gateway's own trouble, `degraded` somebody else's or one that passes; neither decides the status code. */
type CheckStatus = 'ok' | 'degraded' | 'failing' | 'off' | 'unknown'

export interface Health {
  /** 200 while what comes can be committed or spooled, whatever else is wrong; 503 when it would be lost. */
  code: 200 | 503
  status: 'ok' | 'degraded' | 'unavailable'
  checks: Readonly<
    Record<'database' | 'spool' | 'partitions' | 'queue', { status: CheckStatus } & Record<string, unknown>>
  >
  queue: Readonly<Record<string, number>> | null
}

/** Fewer days ahead than that, and whoever makes partitions has not done so for eleven days. */
const DAYS_AHEAD_MIN = 3
/** A backlog older than that: workers are down, or too few. */
const OLDEST_SECONDS_MAX = 300
/** A measurement older than that: whoever measures is down. */
const AGE_SECONDS_MAX = 60

/** What a gateway says of itself, from what it knows already: no query, nothing waited for. */
export function healthOf(state: GatewayState, now: () => number = Date.now): Health {
  const checks = {
    database: { status: databaseStatus(state), breaker: state.breaker() },
    spool: spoolCheck(state, now()),
    partitions: { status: partitionsStatus(state), days_ahead: state.partitionDaysAhead() },
    queue: { status: queueStatus(state.queue()) },
  }
  const canKeep = state.canCommit() || state.canSpool()
  const isWell = Object.values(checks).every(({ status }) => status !== 'degraded' && status !== 'failing')
  return {
    code: canKeep ? 200 : 503,
    status: canKeep ? (isWell ? 'ok' : 'degraded') : 'unavailable',
    checks,
    queue: inWords(state.queue()),
  }
}

function databaseStatus(state: GatewayState): CheckStatus {
  return state.canCommit() && state.breaker() === 'closed' ? 'ok' : 'failing'
}

function spoolCheck(state: GatewayState, nowMs: number): Health['checks']['spool'] {
  const spool = state.spool()
  if (!spool) return { status: 'off' }
  const { records, bytes, bytesMax, keptAsideBytes, oldestReceivedAt } = spool
  const waits = records > 0 || keptAsideBytes > 0
  return {
    status: state.canSpool() ? (waits ? 'degraded' : 'ok') : 'failing',
    records,
    bytes,
    bytes_max: bytesMax,
    kept_aside_bytes: keptAsideBytes,
    oldest_seconds: oldestReceivedAt && secondsSince(oldestReceivedAt, nowMs),
  }
}

function partitionsStatus(state: GatewayState): CheckStatus {
  const days = state.partitionDaysAhead()
  if (days === null) return 'unknown'
  return days < DAYS_AHEAD_MIN ? 'failing' : 'ok'
}

function queueStatus(queue: QueueGauges | null): CheckStatus {
  if (!queue) return 'unknown'
  return queue.ageSeconds > AGE_SECONDS_MAX || queue.oldestSeconds > OLDEST_SECONDS_MAX ? 'degraded' : 'ok'
}

function inWords(queue: QueueGauges | null): Health['queue'] {
  if (!queue) return null
  const { waiting, active, oldestSeconds, dead, ageSeconds } = queue
  return { waiting, active, oldest_seconds: oldestSeconds, dead, age_seconds: ageSeconds }
}

/** Whole seconds, never negative: clocks are set back. */
export function secondsSince(moment: Date, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - moment.getTime()) / 1000))
}
