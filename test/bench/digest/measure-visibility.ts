import type { Sql } from 'postgres'
import type { LoadPlan, LoadResult } from '../load/generate.ts'
import type { LatencySummary } from '../load/latencies.ts'
import { runLoad } from '../load/run-load.ts'
import { startRole } from '../stage/start-role.ts'
import type { Stage } from '../stage/start-stage.ts'
import { waitUntilDigested } from '../stage/wait-until-digested.ts'
import { usedBetween, watchProcesses } from '../stage/watch-processes.ts'
import { audit } from './audit.ts'
import { startWorkers } from './measure-digest.ts'

export interface VisibilityLoad {
  name: string
  workers: number
  /** One after the other, until one is more than can be kept up. */
  ratesPerSec: readonly number[]
  seconds: number
}

/** Events that came in through the gateway at a fixed rate and were digested at the same time. */
export interface Visibility {
  ratePerSec: number
  answeredPerSec: number
  /** From the commit an event was answered after to the commit that made its report visible. */
  visibleMs: LatencySummary
  /** Events that were answered and not visible when the last one was answered. */
  backlog: number
  /** All were taken at that rate, and the queue did not grow. */
  isKeptUp: boolean
  coreShares: Readonly<Record<string, number>>
  coresBusy: number
  lagMs: LatencySummary | null
}

const CONNECTIONS = 200
const WARM_UP = { ratePerSec: 1_000, seconds: 2 }
/** Of the rate asked for: what the generator may be short of by the end of its last answers. */
const TAKEN_SHARE_MIN = 0.97
/** Seconds' worth of events that may wait at the end: more than that is a queue that grows. */
const BACKLOG_SECONDS_MAX = 0.5

/** One run of gateway, workers and load for all rates; the books are audited at its end. */
export async function measureVisibility(stage: Stage, { name, workers, ratesPerSec, seconds }: VisibilityLoad) {
  await stage.reset()
  const gateway = await startRole('gateway', stage.databaseUrl)
  const crew = await startWorkers(stage, workers)
  const target = { port: gateway.port, projectId: stage.project.id, publicKey: stage.project.publicKey }
  const pids = { gateway: gateway.pid, ...crew.pids }
  const failed = Promise.race([gateway.failed, crew.failed])
  const faults: string[] = []
  let answered = 0

  async function load(plan: Pick<LoadPlan, 'ratePerSec' | 'seconds'>): Promise<LoadResult> {
    const whole: LoadPlan = { ...target, shape: 'varied', connections: CONNECTIONS, ...plan }
    const result = await Promise.race([runLoad(whole), failed])
    answered += result.answered
    const refused = Object.values(result.refused).reduce((sum, count) => sum + count, result.unanswered)
    if (refused > 0) faults.push(`${name}: ${refused} requests were not answered 200`)
    return result
  }

  async function measure(ratePerSec: number): Promise<Visibility> {
    const since = new Date()
    const watch = watchProcesses(pids, stage.postgresPid)
    const result = await load({ ratePerSec, seconds })
    const { samples } = await watch.stop()
    await Promise.race([waitUntilDigested(stage.sql), failed])
    const { fromMs, toMs, ...seen } = await readVisibility(stage.sql, since)
    const used = usedBetween(samples, fromMs, toMs)
    const coreShares = Object.fromEntries(
      Object.entries(used.cpuMs).map(([who, ms]) => [who, ms / Math.max(1, toMs - fromMs)]),
    )
    const answeredPerSec = result.answered / result.seconds
    const isTaken = answeredPerSec >= ratePerSec * TAKEN_SHARE_MIN
    const isKeptUp = isTaken && seen.backlog <= ratePerSec * BACKLOG_SECONDS_MAX
    return { ratePerSec, answeredPerSec, ...seen, isKeptUp, coreShares, coresBusy: used.busyShare, lagMs: result.lagMs }
  }

  try {
    await load(WARM_UP)
    await Promise.race([waitUntilDigested(stage.sql), failed])
    const measured: Visibility[] = []
    for (const rate of ratesPerSec) {
      const visibility = await measure(rate)
      measured.push(visibility)
      if (!visibility.isKeptUp) break
    }
    faults.push(...(await audit(name, stage.sql, answered)))
    return { name, workers, measured, faults }
  } finally {
    await Promise.all([gateway.stop(), crew.stop()])
  }
}

interface Seen {
  visibleMs: LatencySummary
  backlog: number
  /** When the first and the last event were answered. */
  fromMs: number
  toMs: number
}

/** Commit times of both rows say it afterwards: nobody has to look for a report while the load runs. */
async function readVisibility(sql: Sql, since: Date): Promise<Seen> {
  const [row] = await sql<(LatencySummary & Omit<Seen, 'visibleMs'>)[]>`
    WITH life AS (
      SELECT (extract(epoch FROM pg_xact_commit_timestamp(archive.xmin)) * 1000)::float8 AS answered,
        (extract(epoch FROM pg_xact_commit_timestamp(report.xmin)) * 1000)::float8 AS visible
      FROM archive
      JOIN report ON report.project_id = archive.project_id AND report.day = archive.day
        AND report.archive_hash = archive.hash
      WHERE archive.received_at >= ${since.toISOString()}::timestamptz
    )
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY visible - answered) AS p50,
      percentile_disc(0.99) WITHIN GROUP (ORDER BY visible - answered) AS p99,
      percentile_disc(0.999) WITHIN GROUP (ORDER BY visible - answered) AS p999, max(visible - answered) AS max,
      count(*) FILTER (WHERE visible > (SELECT max(answered) FROM life))::int AS backlog,
      min(answered) AS "fromMs", max(answered) AS "toMs"
    FROM life`
  if (!row) throw new Error('the database said nothing')
  const { p50, p99, p999, max, ...seen } = row
  return { visibleMs: { p50, p99, p999, max }, ...seen }
}
