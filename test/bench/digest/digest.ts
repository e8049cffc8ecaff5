import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { rawInsert } from '../limits/raw-insert.ts'
import type { Issues, Size } from '../load/varied-event.ts'
import { type Stage, startStage } from '../stage/start-stage.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'
import { digestRows } from './digest-rows.ts'
import { type DiskUse, grownPerEvent, readDiskUse } from './disk-use.ts'
import { type Filler, openFiller } from './fill-queue.ts'
import { idleMemoryMiB } from './idle-memory.ts'
import { type Digested, measureDigest } from './measure-digest.ts'
import { measureVisibility } from './measure-visibility.ts'
import { prepareArchives } from './prepare-archives.ts'
import { type PureDigest, pureDigest } from './pure-digest.ts'

/** Runs of one kind of event by one number of workers. */
export interface Cell {
  size: Size
  issues: Issues
  workers: number
  runs: readonly Digested[]
}

export interface DigestFigures {
  cells: readonly Cell[]
  pure: Readonly<Record<Size, PureDigest>>
  rawInsertPerSec: number
  idleMiB: number | null
  disk: { events: number; bodyBytes: number; perEvent: readonly [name: string, bytes: number][]; run: Digested }
  latency: Awaited<ReturnType<typeof measureVisibility>>
  sustained: readonly Awaited<ReturnType<typeof measureVisibility>>[]
}

const SIZES: readonly Size[] = ['median', 'small', 'large']
const ISSUES = ['known', 'hot', 'new'] as const
const WORKERS = [1, 2] as const
const LATENCY_RATE_PER_SEC = 1_000
const DISK_PIECE_EVENTS = 5_000
/** The first that is too much is the last: a slow machine has figures, too. */
const RATES_PER_SEC = [
  ...[250, 400, 550, 700, 850, 1_000, 1_200, 1_400, 1_700, 2_000],
  ...[2_500, 3_000, 3_500, 4_000, 4_500, 5_000, 5_500, 6_000],
]

/** `untimed` goes before, for each worker: with events of known issues these make the issues. */
const PLANS = {
  full: {
    issues: { small: ISSUES, median: ISSUES, large: ISSUES },
    rounds: { small: 1, median: 3, large: 1 },
    events: { small: 12_000, median: 12_000, large: 1_500 },
    untimed: { small: 3_000, median: 3_000, large: 600 },
    diskEvents: 100_000,
    restMs: 10_000,
    pure: { rounds: 7, events: 400 },
    rawInsertSeconds: 5,
    latencySeconds: 20,
    sustained: { crews: WORKERS, seconds: 10, ratesPerSec: RATES_PER_SEC },
  },
  quick: {
    issues: { small: ['known'], median: ISSUES, large: ['known'] },
    rounds: { small: 1, median: 1, large: 1 },
    events: { small: 800, median: 800, large: 300 },
    untimed: { small: 400, median: 500, large: 50 },
    diskEvents: 2_000,
    restMs: 1_000,
    pure: { rounds: 2, events: 60 },
    rawInsertSeconds: 1,
    latencySeconds: 3,
    sustained: { crews: [1], seconds: 2, ratesPerSec: [500] },
  },
} as const

type Bench = { stage: Stage; filler: Filler; faults: string[] }

/**
 * The rows of design §12 about digestion. Queues are filled while no worker runs and digested by nobody but the workers
 * measured; where the time from answer to report is the question, events come through the gateway.
 */
export async function digest(options: BenchOptions): Promise<SuiteResult> {
  const stage = await startStage(options.folder, { track_commit_timestamp: 'on' })
  try {
    const filler = await openFiller(stage.databaseUrl)
    try {
      const bench: Bench = { stage, filler, faults: [] }
      const figures = await runAll(bench, options)
      const { postgresVersion } = stage
      return { postgresVersion, rows: digestRows(figures), faults: bench.faults, details: figures }
    } finally {
      await filler.close()
    }
  } finally {
    await stage.stop()
  }
}

async function runAll(bench: Bench, options: BenchOptions): Promise<DigestFigures> {
  const { stage } = bench
  const plan = options.quick ? PLANS.quick : PLANS.full
  const idleMiB = await idleMemoryMiB(stage, plan.restMs)
  const cells: Cell[] = []
  const pure: Partial<Record<Size, PureDigest>> = {}
  for (const size of SIZES) {
    for (const issues of plan.issues[size]) {
      const count = plan.events[size] + Math.max(...WORKERS) * plan.untimed[size]
      const archives = prepareArchives({ projectId: stage.project.id, count, size, issues })
      if (issues === 'known') pure[size] = pureDigest(archives, plan.pure)
      cells.push(...(await measureCells(bench, { size, issues, archives }, options)))
    }
  }
  const { small, median, large } = pure
  if (!small || !median || !large) throw new Error('a size was left out')
  const disk = await measureDisk(bench, options)
  const latency = await see(bench, options, {
    name: `answered → visible at ${LATENCY_RATE_PER_SEC}/s`,
    ...{ workers: 1, ratesPerSec: [LATENCY_RATE_PER_SEC], seconds: plan.latencySeconds },
  })
  const sustained: DigestFigures['sustained'][number][] = []
  const { crews, ...steps } = plan.sustained
  for (const workers of crews) {
    const name = `in and digested at once, ${of(workers)}`
    sustained.push(await see(bench, options, { name, workers, ...steps }))
  }
  await stage.reset()
  const { rowsPerSec } = await rawInsert(stage.databaseUrl, {
    projectId: stage.project.id,
    bodyBytes: Math.round(disk.bodyBytes),
    seconds: plan.rawInsertSeconds,
  })
  return { cells, pure: { small, median, large }, rawInsertPerSec: rowsPerSec, idleMiB, disk, latency, sustained }
}

/** One worker and two in turns, on the same events. */
async function measureCells(
  bench: Bench,
  { size, issues, archives }: { size: Size; issues: Issues; archives: readonly ArchiveRow[] },
  { quick, profile, folder, say }: BenchOptions,
): Promise<Cell[]> {
  const plan = quick ? PLANS.quick : PLANS.full
  const cells = WORKERS.map((workers) => ({ size, issues, workers, runs: [] as Digested[] }))
  for (let round = 1; round <= plan.rounds[size]; round++) {
    for (const { workers, runs } of cells) {
      const untimed = workers * plan.untimed[size]
      const some = archives.slice(0, untimed + plan.events[size])
      const name = `${issues} issue${issues === 'hot' ? '' : 's'}, ${size}, ${of(workers)}, run ${round}`
      const digested = await measureDigest(bench, {
        ...{ name, archives: [some], workers, untimed },
        ...(profile ? { profileDir: folder } : {}),
      })
      say(line(digested))
      bench.faults.push(...digested.faults)
      runs.push(digested)
    }
  }
  return cells
}

async function measureDisk(bench: Bench, { quick, say }: BenchOptions): Promise<DigestFigures['disk']> {
  const { stage } = bench
  const { diskEvents: events, untimed } = quick ? PLANS.quick : PLANS.full
  await stage.reset()
  const before: DiskUse = await readDiskUse(stage.sql)
  function* pieces() {
    for (let from = 0; from < events; from += DISK_PIECE_EVENTS) {
      const count = Math.min(DISK_PIECE_EVENTS, events - from)
      yield prepareArchives({ projectId: stage.project.id, from, count, size: 'median', issues: 'known' })
    }
  }
  const name = `${events} events for their size on disk`
  const load = { name, archives: pieces(), refillBelow: DISK_PIECE_EVENTS, workers: 1, untimed: untimed.median }
  const run = await measureDigest(bench, load)
  say(line(run))
  bench.faults.push(...run.faults)
  const perEvent = grownPerEvent(before, await readDiskUse(stage.sql), events)
  return { events, bodyBytes: run.bodyBytes, perEvent, run }
}

async function see(bench: Bench, { say }: BenchOptions, load: Parameters<typeof measureVisibility>[1]) {
  const seen = await measureVisibility(bench.stage, load)
  for (const { ratePerSec, answeredPerSec, visibleMs, backlog, isKeptUp } of seen.measured) {
    say(
      `${load.name}: asked ${ratePerSec}/s, answered ${Math.round(answeredPerSec)}/s, visible after ` +
        `p50 ${visibleMs.p50.toFixed(0)} p99 ${visibleMs.p99.toFixed(0)} ms, ${backlog} left${isKeptUp ? '' : ': too much'}`,
    )
  }
  bench.faults.push(...seen.faults)
  return seen
}

function of(workers: number): string {
  return workers === 1 ? '1 worker' : `${workers} workers`
}

/** Progress, for somebody who waits. */
function line(digested: Digested): string {
  const { name, perSec, events, bodyBytes, workerCpuUs, postgresCpuUs, coresBusy, said } = digested
  const us = (value: number | null) => (value === null ? '–' : value.toFixed(0))
  return (
    `${name}: ${Math.round(perSec)}/s of ${events} events of ${Math.round(bodyBytes)} bytes, ` +
    `µs/event: workers ${us(workerCpuUs)} PostgreSQL ${us(postgresCpuUs)}; cores ${Math.round(coresBusy * 100)} % busy${said === '' ? '' : `\n${said}`}`
  )
}
