import type { Issues, Size } from '../load/varied-event.ts'
import type { Goal, Row } from '../report/row.ts'
import { median, medianRun } from '../report/statistics.ts'
import type { Cell, DigestFigures } from './digest.ts'
import type { Digested } from './measure-digest.ts'
import type { Visibility } from './measure-visibility.ts'

/** The budget for two workers: that much faster than one, or no core to spare for it; what others took is none. */
const CORES_BUSY_MIN = 0.95

const GOALS: readonly { size: Size; issues: Issues; workers: number; goal: Goal }[] = [
  { size: 'median', issues: 'known', workers: 1, goal: least(4_000, 5_500) },
  { size: 'median', issues: 'new', workers: 1, goal: least(1_500, 3_000) },
]

/** The lines of design §12 that the suite answers, and those that explain them. */
export function digestRows(figures: DigestFigures): Row[] {
  const { cells, rawInsertPerSec, idleMiB } = figures
  const main = cells.find(isCell('median', 'known', 1))
  const runs = cells.flatMap((cell) => cell.runs)
  return [
    { what: 'limit: raw insert, 50 rows a statement', value: rawInsertPerSec, unit: '/s' },
    ...pureRows(figures),
    ...cells.flatMap((cell) => cellRows(cell, cells)),
    ...(main ? ratioRows(main, figures) : []),
    { what: 'worker memory, idle', value: idleMiB, unit: 'MiB', goal: most(100, 80) },
    { what: 'worker memory, full (most)', value: peakOfWorkers(runs), unit: 'MiB', goal: most(180, 140) },
    ...visibilityRows(figures),
    sustainedRow(figures),
    ...easyRows(figures),
    ...diskRows(figures),
  ]
}

function isCell(size: Size, issues: Issues, workers: number) {
  return (cell: Cell) => cell.size === size && cell.issues === issues && cell.workers === workers
}

function pureRows({ pure }: DigestFigures): Row[] {
  return (Object.keys(pure) as Size[]).flatMap((size) => {
    const { digestUs, floorUs } = pure[size]
    const note = `${(digestUs / floorUs).toFixed(2)} × gunzip and JSON.parse, which take ${Math.round(floorUs)} µs`
    return [{ what: `CPU of the digest without a database, ${size}`, value: digestUs, unit: 'µs', note }]
  })
}

function cellRows(cell: Cell, cells: readonly Cell[]): Row[] {
  const { size, issues, workers } = cell
  const run = middle(cell)
  const goal = GOALS.find((one) => isCell(one.size, one.issues, one.workers)(cell))?.goal
  const what = `digested, ${issues} issue${issues === 'hot' ? '' : 's'}, ${size}, ${workers} worker${workers > 1 ? 's' : ''}`
  const row: Row = { what, value: run.perSec, unit: '/s', ...(goal ? { goal } : {}), note: costs(run) }
  const alone = cells.find(isCell(size, issues, 1))
  if (workers === 1 || alone === undefined) return [row]
  const others = alone.runs.map(({ perSec }) => perSec)
  // Within a round: one worker and two ran a moment after each other.
  const ratio = median(cell.runs.map(({ perSec }, round) => perSec / (others[round] ?? Number.NaN)))
  const isBudget = size === 'median' && issues === 'known'
  const heldOtherwise = run.coresOurs >= CORES_BUSY_MIN
  const note = `workers and PostgreSQL took ${percent(run.coresOurs)} of all cores; ${percent(CORES_BUSY_MIN)} hold the budget, too`
  const ratioGoal = { ...least(1.4, 1.5), heldOtherwise }
  return [row, { what: '  × one worker', value: ratio, unit: '×', ...(isBudget ? { goal: ratioGoal, note } : {}) }]
}

function middle({ runs }: Cell): Digested {
  return medianRun(runs, ({ perSec }) => perSec)
}

function ratioRows(main: Cell, { rawInsertPerSec, pure }: DigestFigures): Row[] {
  const { perSec, workerCpuUs, postgresCpuUs } = middle(main)
  return [
    { what: 'known issues, median, 1 worker: CPU of the worker, one event', value: workerCpuUs, unit: 'µs' },
    { what: '  CPU of PostgreSQL, one event', value: postgresCpuUs, unit: 'µs' },
    { what: '  × raw insert', value: perSec / rawInsertPerSec, unit: '×' },
    { what: '  × gunzip and JSON.parse on one core', value: (perSec * pure.median.floorUs) / 1e6, unit: '×' },
  ]
}

function visibilityRows({ latency }: DigestFigures): Row[] {
  const [measured] = latency.measured
  if (measured === undefined) return []
  const { visibleMs, answeredPerSec, lagMs } = measured
  const note = `${Math.round(answeredPerSec)}/s kept up, at most ${visibleMs.max.toFixed(0)} ms, ${shares(measured)}`
  const late = lagMs
    ? `requests left ${lagMs.p50.toFixed(2)} / ${lagMs.p99.toFixed(2)} ms late, which is not included`
    : ''
  return [
    { what: 'answered → visible at 1,000/s: p50', value: visibleMs.p50, unit: 'ms', goal: most(100, 30), note },
    { what: 'answered → visible at 1,000/s: p99', value: visibleMs.p99, unit: 'ms', goal: most(300, 80), note: late },
  ]
}

/** The highest rate that left no queue behind, with whichever number of workers that was. */
function sustainedRow({ sustained }: DigestFigures): Row {
  const kept = sustained.flatMap(({ workers, measured }) =>
    measured.filter(({ isKeptUp }) => isKeptUp).map((visibility) => ({ workers, ...visibility })),
  )
  const best = kept.toSorted((a, b) => b.answeredPerSec - a.answeredPerSec)[0]
  const each = sustained.map(({ workers }) => {
    const rates = kept.filter((one) => one.workers === workers).map(({ ratePerSec }) => ratePerSec)
    return `${workers} worker${workers > 1 ? 's' : ''} ${Math.max(0, ...rates)}/s`
  })
  const note = best ? `${each.join(', ')}; p99 ${best.visibleMs.p99.toFixed(0)} ms, ${shares(best)}` : each.join(', ')
  return {
    ...{ what: 'in and digested at once, flat queue', value: best?.answeredPerSec ?? 0, unit: '/s' },
    ...{ goal: least(3_500, 4_500), note },
  }
}

/** How it feels where there is room: at the highest rate up to half of what one worker keeps up with. */
function easyRows({ sustained }: DigestFigures): Row[] {
  const kept = sustained[0]?.measured.filter(({ isKeptUp }) => isKeptUp) ?? []
  const half = Math.max(...kept.map(({ ratePerSec }) => ratePerSec)) / 2
  const easy = kept.findLast(({ ratePerSec }) => ratePerSec <= half)
  if (easy === undefined) return []
  const { visibleMs, ratePerSec } = easy
  const note = `p99 ${visibleMs.p99.toFixed(0)} ms, ${shares(easy)}`
  return [{ what: `answered → visible at ${ratePerSec}/s: p50`, value: visibleMs.p50, unit: 'ms', note }]
}

const TABLES_NAMED = 6

function diskRows({ disk: { events, bodyBytes, perEvent, run } }: DigestFigures): Row[] {
  const bytes = perEvent.reduce((sum, [, one]) => sum + one, 0)
  const largest = perEvent.slice(0, TABLES_NAMED).map(([name, one]) => `${name} ${Math.round(one)}`)
  const count = events.toLocaleString('en-US')
  return [
    {
      ...{ what: `bytes on disk after ${count} events, by compressed size`, value: bytes / bodyBytes, unit: '×' },
      goal: most(1.8, 1.5),
      note: `${Math.round(bytes)} of ${Math.round(bodyBytes)} bytes an event: ${largest.join(', ')}`,
    },
    { what: `  those ${count} digested while they come, 1 worker`, value: run.perSec, unit: '/s', note: costs(run) },
  ]
}

function peakOfWorkers(runs: readonly Digested[]): number | null {
  const peaks = runs.flatMap(({ peakMiB }) =>
    Object.entries(peakMiB).flatMap(([name, value]) => (name.startsWith('worker') ? [value] : [])),
  )
  return peaks.length > 0 ? Math.max(...peaks) : null
}

/** CPU and memory of each process. */
function costs({ coreShares, peakMiB, coresBusy }: Digested): string {
  const each = Object.entries(coreShares).map(
    ([name, share]) => `${name} ${percent(share)} of a core ${Math.round(peakMiB[name] ?? 0)} MiB`,
  )
  return [...each, `cores ${percent(coresBusy)} busy`].join(', ')
}

function shares({ coreShares, coresBusy }: Pick<Visibility, 'coreShares' | 'coresBusy'>): string {
  const each = Object.entries(coreShares).map(([name, share]) => `${name} ${percent(share)}`)
  return `${each.join(', ')} of a core, cores ${percent(coresBusy)} busy`
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function least(budget: number, stretch: number): Goal {
  return { sense: 'least', budget, stretch }
}

function most(budget: number, stretch: number): Goal {
  return { sense: 'most', budget, stretch }
}
