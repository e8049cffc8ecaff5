import { audit } from '../digest/audit.ts'
import { startWorkers } from '../digest/measure-digest.ts'
import { sustainedRate } from '../digest/sustained-rate.ts'
import type { LoadResult } from '../load/generate.ts'
import { runLoad } from '../load/run-load.ts'
import type { Row, Unit } from '../report/row.ts'
import { median } from '../report/statistics.ts'
import { countWaiting } from '../stage/count-waiting.ts'
import { familyMemoryMiB, processUsage } from '../stage/process-usage.ts'
import { startRole } from '../stage/start-role.ts'
import { type Stage, startStage } from '../stage/start-stage.ts'
import { waitUntilDigested } from '../stage/wait-until-digested.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'
import { slopePerHour } from './slope.ts'

/** What a window of the load was like, at its end. */
interface Window {
  minute: number
  p50: number
  p99: number
  waiting: number
  gatewayMiB: number
  workerMiB: number
  postgresMiB: number
}

const WINDOW_SECONDS = 10
const CONNECTIONS = 100
/** Compiled code and caches come first: that is no growth. */
const SETTLING_SHARE = 0.25
const MINUTES = { quick: 0.5, whole: 20 }

/**
 * Half of what can be sustained, for long: gateway and worker as in production, an open loop, and the slopes of memory, queue and
 * latency. The books are audited at its end.
 */
export async function soak(options: BenchOptions): Promise<SuiteResult> {
  const minutes = options.minutes ?? MINUTES[options.quick ? 'quick' : 'whole']
  const ratePerSec = options.ratePerSec ?? (await sustainedRate(options.folder)) / 2
  const stage = await startStage(options.folder)
  try {
    const { windows, faults } = await run(stage, { minutes, ratePerSec }, options.say)
    const { postgresVersion } = stage
    return { postgresVersion, rows: rowsOf(windows, ratePerSec), faults, details: { minutes, ratePerSec, windows } }
  } finally {
    await stage.stop()
  }
}

async function run(stage: Stage, load: { minutes: number; ratePerSec: number }, say: BenchOptions['say']) {
  const gateway = await startRole('gateway', stage.databaseUrl)
  const crew = await startWorkers(stage, 1)
  const failed = Promise.race([gateway.failed, crew.failed])
  const windows: Window[] = []
  const faults: string[] = []
  let answered = 0
  const started = performance.now()
  const minute = () => (performance.now() - started) / 60_000
  try {
    while (minute() < load.minutes) {
      const result = await Promise.race([
        runLoad({
          ...{ port: gateway.port, projectId: stage.project.id, publicKey: stage.project.publicKey },
          ...{ shape: 'varied', connections: CONNECTIONS, seconds: WINDOW_SECONDS, ratePerSec: load.ratePerSec },
        }),
        failed,
      ])
      answered += result.answered
      faults.push(...refusals(result))
      const window = await look(
        stage,
        { gateway: gateway.pid, crew: Object.values(crew.pids) },
        { minute: minute(), result },
      )
      windows.push(window)
      say(inWords(window))
    }
    await Promise.race([waitUntilDigested(stage.sql), failed])
    faults.push(...(await audit('soak', stage.sql, answered)))
    return { windows, faults }
  } finally {
    await Promise.all([gateway.stop(), crew.stop()])
  }
}

function refusals({ refused, unanswered }: LoadResult): string[] {
  const count = Object.values(refused).reduce((sum, one) => sum + one, unanswered)
  return count === 0 ? [] : [`soak: ${count} requests were not answered 200`]
}

async function look(
  { sql, postgresPid }: Stage,
  pids: { gateway: number; crew: readonly number[] },
  { minute, result }: { minute: number; result: LoadResult },
): Promise<Window> {
  const memory = async (pid: number) => (await processUsage(pid))?.residentMiB ?? 0
  return {
    minute,
    p50: result.latencyMs.p50,
    p99: result.latencyMs.p99,
    waiting: await countWaiting(sql),
    gatewayMiB: await memory(pids.gateway),
    workerMiB: Math.max(...(await Promise.all(pids.crew.map(memory)))),
    postgresMiB: (await familyMemoryMiB(postgresPid)) ?? 0,
  }
}

function inWords({ minute, p50, p99, waiting, gatewayMiB, workerMiB, postgresMiB }: Window): string {
  const memory = [gatewayMiB, workerMiB, postgresMiB].map(Math.round).join(' / ')
  return `minute ${minute.toFixed(1)}: p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, ${waiting} waiting, ${memory} MiB`
}

const FIGURES = [
  ['gateway', 'gatewayMiB', 'MiB'],
  ['worker', 'workerMiB', 'MiB'],
  ['PostgreSQL', 'postgresMiB', 'MiB'],
  ['jobs that wait', 'waiting', 'in all'],
  ['accept, median', 'p50', 'ms'],
  ['accept, p99', 'p99', 'ms'],
] as const satisfies readonly (readonly [string, keyof Window, Unit])[]

/** Of each figure its middle and, in the note, by how much it grows in an hour. */
function rowsOf(windows: readonly Window[], ratePerSec: number): Row[] {
  const settled = windows.slice(Math.floor(windows.length * SETTLING_SHARE))
  const figures = FIGURES.map(([what, key, unit]): Row => {
    const values = settled.map((window) => window[key])
    const slope = slopePerHour(settled.map((window) => ({ minute: window.minute, value: window[key] })))
    const note = `${slope >= 0 ? '+' : ''}${slope.toFixed(1)} an hour; ${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`
    return { what, value: Math.round(median(values) * 100) / 100, unit, note }
  })
  const minutes = windows.at(-1)?.minute ?? 0
  return [{ what: 'rate', value: ratePerSec, unit: '/s', note: `for ${minutes.toFixed(1)} minutes` }, ...figures]
}
