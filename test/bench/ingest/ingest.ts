import { setTimeout as delay } from 'node:timers/promises'
import { rawInsert } from '../limits/raw-insert.ts'
import { startServer } from '../limits/start-server.ts'
import type { LoadPlan } from '../load/generate.ts'
import type { Shape } from '../load/request-pool.ts'
import { processUsage } from '../stage/process-usage.ts'
import { startRole } from '../stage/start-role.ts'
import { type Stage, startStage } from '../stage/start-stage.ts'
import { waitUntilDigested } from '../stage/wait-until-digested.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'
import { audit, readBooks } from './books.ts'
import { ingestRows } from './ingest-rows.ts'
import { type Measured, measure } from './measure.ts'

export interface Round {
  echo: Measured
  databaseless: Measured
  rawInsertPerSec: number
  /** One for each number of connections. */
  accept: readonly Measured[]
}

export interface IngestFigures {
  rounds: readonly Round[]
  mixed: readonly Measured[]
  digesting: readonly Measured[]
  fixedRate: Measured
  idleMiB: number | null
  restedMiB: number | null
}

const CONNECTIONS = [50, 100, 150] as const
const LIMIT_CONNECTIONS = 100
const FIXED_RATE_PER_SEC = 1_000
const FIXED_RATE_CONNECTIONS = 200
const BODY_BYTES = 4_600

/**
 * The accept path, design §12 rows 1 to 4 and the gateway's memory. Limits of the machine are measured in the same
 * rounds, a moment before what is compared with them; a ratio is taken within its round.
 */
export async function ingest(options: BenchOptions): Promise<SuiteResult> {
  const stage = await startStage(options.folder)
  try {
    const bench = await openBench(stage, options)
    try {
      const figures = await runAll(bench, options)
      const { postgresVersion } = stage
      return { postgresVersion, rows: ingestRows(figures), faults: bench.faults, details: figures }
    } finally {
      await bench.close()
    }
  } finally {
    await stage.stop()
  }
}

type Bench = Awaited<ReturnType<typeof openBench>>

/** The gateway on its database, the servers it is compared with, and a load that keeps the books. */
async function openBench(stage: Stage, { profile, folder, say }: BenchOptions) {
  const gateway = await startRole('gateway', stage.databaseUrl, profile ? { profileDir: folder } : {})
  const echo = await startServer('echo-server')
  const databaseless = await startServer('databaseless-gateway', stage.project.publicKey)
  const faults: string[] = []
  const target = { projectId: stage.project.id, publicKey: stage.project.publicKey }
  const limits = { echo, databaseless } as const

  async function load(name: string, plan: Omit<LoadPlan, keyof typeof target | 'port'>, worker: boolean) {
    const before = await readBooks(stage.sql)
    const pids = { serverPid: gateway.pid, postgresPid: stage.postgresPid }
    const measured = await Promise.race([
      measure(name, { ...target, port: gateway.port, ...plan }, pids),
      gateway.failed,
    ])
    say(line(measured))
    if (worker) await waitUntilDigested(stage.sql)
    faults.push(...audit(name, measured, before, await readBooks(stage.sql)))
    return measured
  }

  return {
    stage,
    gateway,
    faults,
    load,
    async limit(name: keyof typeof limits, seconds: number) {
      const { pid, port } = limits[name]
      const plan = {
        ...target,
        port,
        shape: 'gzip',
        connections: LIMIT_CONNECTIONS,
        seconds,
        ratePerSec: null,
      } as const
      const measured = await measure(name, plan, { serverPid: pid, postgresPid: 0 })
      say(line(measured))
      return measured
    },
    async close() {
      await Promise.all([gateway.stop(), echo.stop(), databaseless.stop()])
    },
  }
}

async function runAll(bench: Bench, { quick, say }: BenchOptions): Promise<IngestFigures> {
  const { stage } = bench
  const seconds = quick ? 2 : 5
  const runs = quick ? [1] : [1, 2, 3]
  const saturated = (shape: Shape, connections: number) => ({ shape, connections, seconds, ratePerSec: null })

  await bench.load('first requests', { shape: 'mixed', connections: 2, seconds: 0.2, ratePerSec: 50 }, false)
  await delay(quick ? 2_000 : 10_000)
  const idleMiB = await residentMiB(bench)
  // Compiled code comes after thousands of requests: a cold server takes twice the CPU.
  await bench.load('warm-up', { ...saturated('mixed', LIMIT_CONNECTIONS), seconds: seconds * 3 }, false)
  for (const limit of ['echo', 'databaseless'] as const) await bench.limit(limit, seconds)

  const rounds: Round[] = []
  for (const run of runs) rounds.push(await oneRound(bench, run, seconds, saturated))
  const mixed: Measured[] = []
  for (const run of runs) {
    await stage.clear()
    mixed.push(await bench.load(`mix of shapes, run ${run}`, saturated('mixed', LIMIT_CONNECTIONS), false))
  }
  await delay(quick ? 1_000 : 10_000)
  const restedMiB = await residentMiB(bench)

  await stage.clear()
  say('a worker starts')
  const worker = await startRole('worker', stage.databaseUrl)
  try {
    await bench.load('worker warm-up', { shape: 'gzip', connections: 50, seconds: 2, ratePerSec: 1_000 }, true)
    const digesting: Measured[] = []
    for (const run of runs) {
      await stage.clear()
      digesting.push(await bench.load(`while digesting, run ${run}`, saturated('gzip', LIMIT_CONNECTIONS), true))
    }
    const plan = { shape: 'gzip', connections: FIXED_RATE_CONNECTIONS, ratePerSec: FIXED_RATE_PER_SEC } as const
    const fixedRate = await bench.load('fixed rate while digesting', { ...plan, seconds: quick ? 3 : 15 }, true)
    return { rounds, mixed, digesting, fixedRate, idleMiB, restedMiB }
  } finally {
    await worker.stop()
  }
}

async function oneRound(
  bench: Bench,
  run: number,
  seconds: number,
  saturated: (shape: Shape, connections: number) => Parameters<Bench['load']>[1],
): Promise<Round> {
  const { stage } = bench
  const echo = await bench.limit('echo', seconds)
  const databaseless = await bench.limit('databaseless', seconds)
  await stage.clear()
  const { rowsPerSec } = await rawInsert(stage.databaseUrl, {
    projectId: stage.project.id,
    bodyBytes: BODY_BYTES,
    seconds,
  })
  const accept: Measured[] = []
  for (const connections of CONNECTIONS) {
    await stage.clear()
    accept.push(
      await bench.load(`accept, ${connections} connections, run ${run}`, saturated('gzip', connections), false),
    )
  }
  return { echo, databaseless, rawInsertPerSec: rowsPerSec, accept }
}

async function residentMiB({ gateway }: Bench): Promise<number | null> {
  return (await processUsage(gateway.pid))?.residentMiB ?? null
}

/** Progress, for somebody who waits. */
function line({ name, perSec, latencyMs, serverCpuUs, postgresCpuUs, cpuShare }: Measured): string {
  const us = (value: number | null) => (value === null ? '–' : value.toFixed(0))
  return (
    `${name}: ${Math.round(perSec)}/s, p50 ${latencyMs.p50.toFixed(1)} p99 ${latencyMs.p99.toFixed(1)} ms, ` +
    `µs/request: server ${us(serverCpuUs)} PostgreSQL ${us(postgresCpuUs)}; generator ${(cpuShare * 100).toFixed(0)} % of a core`
  )
}
