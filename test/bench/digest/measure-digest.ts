import { setTimeout as delay } from 'node:timers/promises'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import type { Sql } from 'postgres'
import { countWaiting } from '../stage/count-waiting.ts'
import { startRole } from '../stage/start-role.ts'
import type { Stage } from '../stage/start-stage.ts'
import { waitUntilDigested } from '../stage/wait-until-digested.ts'
import { type Observed, POSTGRES, usedBetween, watchProcesses } from '../stage/watch-processes.ts'
import { audit } from './audit.ts'
import { type Commit, perSec, readCommits, type Span, spanBehind } from './commits.ts'
import type { Filler } from './fill-queue.ts'

export interface DigestLoad {
  name: string
  /** In pieces, which need not be in memory together. */
  archives: Iterable<readonly ArchiveRow[]>
  /** A piece comes when fewer than this wait, while the workers run; without it all are there before the workers start. */
  refillBelow?: number
  workers: number
  /** Events that come first and are not timed. */
  untimed: number
  profileDir?: string
}

/** A full queue digested by workers and nobody else, and what it took of the processes. */
export interface Digested {
  name: string
  workers: number
  /** Those that were timed. */
  events: number
  /** Of all events, compressed, on average. */
  bodyBytes: number
  perSec: number
  seconds: number
  /** CPU for each event, of all workers together; null where the system does not say. */
  workerCpuUs: number | null
  postgresCpuUs: number | null
  /** Of one core, each worker and PostgreSQL by its name. */
  coreShares: Readonly<Record<string, number>>
  /** Of all cores of the machine, whoever it was, and workers and PostgreSQL alone. */
  coresBusy: number
  coresOurs: number
  peakMiB: Readonly<Record<string, number>>
  commits: readonly Commit[]
  /** Warnings and errors the workers logged, none in a good run: what they tried again is in the time. */
  said: string
  faults: readonly string[]
}

/** Starts from an empty database; leaves what was digested, for whoever wants to look at it. */
export async function measureDigest(bench: { stage: Stage; filler: Filler }, load: DigestLoad): Promise<Digested> {
  const { stage, filler } = bench
  const { name, workers, untimed, refillBelow } = load
  await stage.reset()
  let [queued, bytes] = [0, 0]
  async function fill(): Promise<void> {
    for (const archives of load.archives) {
      if (refillBelow !== undefined) await waitUntilFewer(stage.sql, refillBelow)
      await filler.fill(archives)
      queued += archives.length
      bytes += archives.reduce((sum, { body }) => sum + body.length, 0)
    }
  }
  if (refillBelow === undefined) await fill()
  const crew = await startWorkers(stage, workers, load)
  const watch = watchProcesses(crew.pids, stage.postgresPid)
  let observed: Observed
  try {
    const filled = refillBelow === undefined ? Promise.resolve() : fill()
    await Promise.race([crew.failed, filled.then(() => waitUntilDigested(stage.sql))])
  } catch (error) {
    throw new Error(`${name}: ${crew.said()}`, { cause: error })
  } finally {
    observed = await watch.stop()
    await crew.stop()
  }
  const commits = await readCommits(stage.sql)
  const cost = costOf(observed, spanBehind(commits, untimed))
  const faults = await audit(name, stage.sql, queued)
  return { name, workers, bodyBytes: bytes / Math.max(queued, 1), ...cost, commits, said: crew.said(), faults }
}

const LOOK_MS = 100

async function waitUntilFewer(sql: Sql, count: number): Promise<void> {
  while ((await countWaiting(sql)) >= count) await delay(LOOK_MS)
}

export async function startWorkers(stage: Stage, count: number, { profileDir }: { profileDir?: string } = {}) {
  const options = profileDir === undefined ? {} : { profileDir }
  const workers = await Promise.all(
    Array.from({ length: count }, () => startRole('worker', stage.databaseUrl, options)),
  )
  return {
    /** By the name each has among the processes. */
    pids: Object.fromEntries(workers.map(({ pid }, at) => [`worker ${at + 1}`, pid])),
    failed: Promise.race(workers.map(({ failed }) => failed)),
    said: () => workers.map((worker) => worker.said()).join(''),
    stop: () => Promise.all(workers.map((worker) => worker.stop())),
  }
}

/** What the events of a span cost, by the processes that were watched. */
function costOf({ samples, peakMiB }: Observed, span: Span) {
  const { seconds, cpuMs, busyShare, oursShare } = usedBetween(samples, span.fromMs, span.toMs)
  const { [POSTGRES]: postgresMs, ...othersMs } = cpuMs
  const workersMs = Object.entries(othersMs).flatMap(([name, ms]) => (name.startsWith('worker') ? [ms] : []))
  const perEvent = (ms: number) => (ms * 1000) / Math.max(span.events, 1)
  return {
    events: span.events,
    perSec: perSec(span),
    seconds,
    workerCpuUs: workersMs.length > 0 ? perEvent(workersMs.reduce((sum, ms) => sum + ms, 0)) : null,
    postgresCpuUs: postgresMs === undefined ? null : perEvent(postgresMs),
    coreShares: Object.fromEntries(
      Object.entries(cpuMs).map(([name, ms]) => [name, ms / 1000 / Math.max(seconds, 0.001)]),
    ),
    coresBusy: busyShare,
    coresOurs: oursShare,
    peakMiB,
  }
}
