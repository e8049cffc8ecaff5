import { setTimeout as delay } from 'node:timers/promises'
import { audit } from '../digest/audit.ts'
import { startWorkers } from '../digest/measure-digest.ts'
import { sustainedRate } from '../digest/sustained-rate.ts'
import type { LoadPlan, LoadResult } from '../load/generate.ts'
import { runLoad } from '../load/run-load.ts'
import type { Row } from '../report/row.ts'
import { countWaiting } from '../stage/count-waiting.ts'
import { startRole } from '../stage/start-role.ts'
import { type Stage, startStage } from '../stage/start-stage.ts'
import { waitUntilDigested } from '../stage/wait-until-digested.ts'
import { type Observed, watchProcesses } from '../stage/watch-processes.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'

/** Of what one worker keeps up with: ten times as much is twice of that. */
const CALM_SHARE = 0.2
const QUICK_RATE_PER_SEC = 40
const TIMES = 10
const CONNECTIONS = { calm: 50, burst: 200 }
const SECONDS = { whole: { calm: 40, before: 10, burst: 5 }, quick: { calm: 8, before: 2, burst: 1 } }
const LOOK_MS = 200

interface BurstFigures {
  ratePerSec: number
  calm: LoadResult
  burst: LoadResult
  /** Jobs, at most. */
  longestQueue: number
  /** From the end of the burst, of its last answer, until no more waits than comes in half a second. */
  drainSeconds: number
  peakMiB: Observed['peakMiB']
}

/**
 * A calm load of many sizes and, in its midst, ten times as much for a few seconds, each an open loop: what whoever sends has to
 * wait, how long the queue gets, and how soon it is gone again while the calm load goes on.
 */
export async function burst(options: BenchOptions): Promise<SuiteResult> {
  const { quick, folder } = options
  const usual = quick ? QUICK_RATE_PER_SEC : null
  const ratePerSec = options.ratePerSec ?? usual ?? Math.round((await sustainedRate(folder)) * CALM_SHARE)
  const stage = await startStage(folder)
  try {
    const { faults, ...figures } = await run(stage, ratePerSec, SECONDS[quick ? 'quick' : 'whole'])
    const rows = rowsOf(figures)
    return { postgresVersion: stage.postgresVersion, rows, faults, details: figures }
  } finally {
    await stage.stop()
  }
}

async function run(
  stage: Stage,
  ratePerSec: number,
  seconds: { calm: number; before: number; burst: number },
): Promise<BurstFigures & { faults: readonly string[] }> {
  const gateway = await startRole('gateway', stage.databaseUrl)
  const crew = await startWorkers(stage, 1)
  const failed = Promise.race([gateway.failed, crew.failed])
  const load = async (plan: Pick<LoadPlan, 'connections' | 'seconds' | 'ratePerSec'>) => {
    const target = { port: gateway.port, projectId: stage.project.id, publicKey: stage.project.publicKey }
    return await Promise.race([runLoad({ ...target, shape: 'sizes', ...plan }), failed])
  }
  try {
    const warmUp = await load({ connections: CONNECTIONS.calm, seconds: seconds.before, ratePerSec })
    await waitUntilDigested(stage.sql)
    const watch = watchProcesses({ gateway: gateway.pid, ...crew.pids }, stage.postgresPid)
    const queue = watchQueue(stage, ratePerSec)
    const [calm, more] = await Promise.all([
      load({ connections: CONNECTIONS.calm, seconds: seconds.calm, ratePerSec }),
      delay(seconds.before * 1000)
        .then(() =>
          load({ connections: CONNECTIONS.burst, seconds: seconds.burst, ratePerSec: ratePerSec * (TIMES - 1) }),
        )
        .finally(queue.drain),
    ])
    await Promise.race([waitUntilDigested(stage.sql), failed])
    const { peakMiB } = await watch.stop()
    const answered = [warmUp, calm, more].reduce((sum, one) => sum + one.answered, 0)
    const faults = [...unansweredOf(calm), ...unansweredOf(more), ...(await audit('burst', stage.sql, answered))]
    return { ratePerSec, calm, burst: more, ...(await queue.seen), peakMiB, faults }
  } finally {
    await Promise.all([gateway.stop(), crew.stop()])
  }
}

/** Looks at the queue until `drain` was called and it is short again. */
function watchQueue({ sql }: Stage, ratePerSec: number) {
  let drainsSince: number | null = null
  const look = async (): Promise<Pick<BurstFigures, 'longestQueue' | 'drainSeconds'>> => {
    let longestQueue = 0
    for (;;) {
      const waiting = await countWaiting(sql)
      longestQueue = Math.max(longestQueue, waiting)
      if (drainsSince !== null && waiting <= ratePerSec / 2) {
        return { longestQueue, drainSeconds: (performance.now() - drainsSince) / 1000 }
      }
      await delay(LOOK_MS)
    }
  }
  const seen = look()
  // It is awaited at the end, and throws there; a load that fails before is the error to be told of.
  seen.catch(() => undefined)
  return {
    seen,
    drain: () => {
      drainsSince = performance.now()
    },
  }
}

/** A refusal is an answer, and the row says how many there were; silence is none. */
function unansweredOf({ unanswered }: LoadResult): string[] {
  return unanswered === 0 ? [] : [`burst: ${unanswered} requests got no answer`]
}

function rowsOf({ ratePerSec, calm, burst: more, longestQueue, drainSeconds, peakMiB }: BurstFigures): Row[] {
  const memory = Object.entries(peakMiB).map(([name, value]) => `${name} ${Math.round(value)} MiB`)
  const sent = Object.values(more.refused).reduce((sum, count) => sum + count, more.answered + more.unanswered)
  return [
    {
      what: `burst of ${TIMES} × ${ratePerSec}/s, many sizes: answered 200`,
      value: more.answered / sent,
      unit: 'of 1',
      note: [`of ${sent}`, ...refusedOf(more), ...memory].join(', '),
    },
    latencyRow('  accept in the burst: p50', more),
    latencyRow('  accept of the calm load, burst included: p50', calm),
    { what: '  events that waited, at most', value: longestQueue, unit: 'in all' },
    {
      what: '  until the queue was short again',
      value: drainSeconds * 1000,
      unit: 'ms',
      note: 'from the last answer of the burst',
    },
  ]
}

function latencyRow(what: string, { latencyMs, lagMs }: LoadResult): Row {
  const { p50, p99, p999, max } = latencyMs
  const late = lagMs ? `; requests left ${lagMs.p99.toFixed(1)} ms late (p99), which is included` : ''
  return {
    what,
    value: p50,
    unit: 'ms',
    note: `p99 ${p99.toFixed(1)} p99.9 ${p999.toFixed(1)} max ${max.toFixed(0)} ms${late}`,
  }
}

function refusedOf({ refused }: LoadResult): string[] {
  return Object.entries(refused).map(([status, count]) => `${count} answered ${status}`)
}
