import type { Row } from '../report/row.ts'
import { median, medianRun } from '../report/statistics.ts'
import type { IngestFigures, Round } from './ingest.ts'
import type { Measured } from './measure.ts'

/** The lines of design §12 that the suite answers, and those that explain them. */
export function ingestRows(figures: IngestFigures): Row[] {
  const { rounds, mixed, digesting, fixedRate } = figures
  const best = bestOf(rounds)
  const accepts = rounds.map(({ accept }) => accept[best])
  const ratio = (limit: (round: Round) => number) =>
    median(rounds.map((round) => (round.accept[best]?.perSec ?? 0) / limit(round)))
  const saturated = [...rounds.flatMap(({ accept }) => accept), ...mixed]
  return [
    ...limitRows(rounds),
    ...(rounds[0]?.accept ?? []).map((_, at) => acceptRow(rounds, at, at === best)),
    { what: '  × bare node:http echo', value: ratio((round) => round.echo.perSec), unit: '×', goal: least(0.12) },
    { what: '  × raw insert', value: ratio((round) => round.rawInsertPerSec), unit: '×', goal: least(0.35) },
    { what: '  × gateway without a database', value: ratio((round) => round.databaseless.perSec), unit: '×' },
    { what: '  CPU of the gateway, one event', value: cpu(accepts, 'serverCpuUs'), unit: 'µs' },
    { what: '  CPU of PostgreSQL, one event', value: cpu(accepts, 'postgresCpuUs'), unit: 'µs' },
    throughput('durable accept, a worker digesting', digesting, least(7_000, 9_500)),
    throughput('durable accept, mix of SDK shapes', mixed, least(7_000, 10_000)),
    ...fixedRateRows(fixedRate),
    { what: 'gateway memory, idle', value: figures.idleMiB, unit: 'MiB', goal: most(90, 75) },
    {
      what: 'gateway memory, saturated (most)',
      value: Math.max(...saturated.map(({ residentMiB }) => residentMiB ?? 0)) || null,
      unit: 'MiB',
      goal: most(150, 120),
    },
    { what: 'gateway memory, 10 s after the load', value: figures.restedMiB, unit: 'MiB' },
  ]
}

function limitRows(rounds: readonly Round[]): Row[] {
  const server = (of: (round: Round) => Measured) => {
    const run = medianRun(rounds.map(of), ({ perSec }) => perSec)
    return { value: run.perSec, unit: '/s', note: `${shares(run)}` } as const
  }
  return [
    { what: 'limit: bare node:http echo', ...server(({ echo }) => echo) },
    { what: 'limit: gateway without a database', ...server(({ databaseless }) => databaseless) },
    {
      what: 'limit: raw insert, 50 rows a statement',
      value: median(rounds.map(({ rawInsertPerSec }) => rawInsertPerSec)),
      unit: '/s',
    },
  ]
}

function acceptRow(rounds: readonly Round[], at: number, isBest: boolean): Row {
  const runs = rounds.flatMap(({ accept }) => accept[at] ?? [])
  const connections = runs[0]?.name.match(/\d+/)?.[0] ?? ''
  const what = `durable accept, gzip, ${connections} connections`
  const { goal, ...row } = throughput(what, runs, least(10_000, 13_000))
  return isBest && goal ? { ...row, goal } : row
}

function throughput(what: string, runs: readonly Measured[], goal: Row['goal'] & object): Row {
  const run = medianRun(runs, ({ perSec }) => perSec)
  const best = Math.max(...runs.map(({ perSec }) => perSec))
  const { p50, p99 } = run.latencyMs
  const note = `best ${Math.round(best)}, p50 ${p50.toFixed(1)} p99 ${p99.toFixed(1)} ms, ${shares(run)}`
  return { what, value: run.perSec, unit: '/s', goal, note }
}

function fixedRateRows({ latencyMs, lagMs, perSec }: Measured): Row[] {
  const lag = lagMs ? `requests left ${lagMs.p50.toFixed(2)} / ${lagMs.p99.toFixed(2)} ms late` : ''
  return [
    {
      what: 'accept at 1,000/s, digesting: p50',
      value: latencyMs.p50,
      unit: 'ms',
      goal: most(2, 1),
      note: `${Math.round(perSec)}/s kept up; ${lag}, which is included`,
    },
    { what: 'accept at 1,000/s, digesting: p99', value: latencyMs.p99, unit: 'ms', goal: most(15, 8) },
  ]
}

/** Which number of connections had the best median. */
function bestOf(rounds: readonly Round[]): number {
  const medians = (rounds[0]?.accept ?? []).map((_, at) => median(rounds.map(({ accept }) => accept[at]?.perSec ?? 0)))
  return medians.indexOf(Math.max(...medians))
}

function cpu(runs: readonly (Measured | undefined)[], of: 'serverCpuUs' | 'postgresCpuUs'): number | null {
  const known = runs.flatMap((run) => run?.[of] ?? [])
  return known.length > 0 ? median(known) : null
}

/** Who was busy: a generator at its limit makes the figure a floor. */
function shares({ serverCpuUs, perSec, cpuShare }: Measured): string {
  const server = serverCpuUs === null ? '' : `server ${Math.round((serverCpuUs * perSec) / 10_000)} %, `
  return `${server}generator ${Math.round(cpuShare * 100)} % of a core`
}

function least(budget: number, stretch?: number) {
  return { sense: 'least', budget, ...(stretch === undefined ? {} : { stretch }) } as const
}

function most(budget: number, stretch: number) {
  return { sense: 'most', budget, stretch } as const
}
