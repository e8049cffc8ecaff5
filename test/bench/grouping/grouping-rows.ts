import { formatColumns } from '../report/format-table.ts'
import type { Row } from '../report/row.ts'
import type { GroupingSpeed } from './grouping-speed.ts'
import type { LabelledSet } from './labelled-set.ts'
import type { Measured } from './measure-methods.ts'
import { METHODS } from './methods.ts'
import { countPairs, type Score } from './score.ts'

export const F1_MIN = 0.95
const EVENTS_PER_SEC_MIN = 20_000

export function groupingRows(set: LabelledSet, measured: readonly Measured[], speed: GroupingSpeed): Row[] {
  const stack = measured.find(({ method }) => method === 'stack')?.whole
  if (stack === undefined) throw new Error('stack was not measured')
  const budget = { sense: 'least', budget: EVENTS_PER_SEC_MIN } as const
  const perSec = (what: string, value: number, note?: string): Row => ({
    ...{ what, value, unit: '/s', goal: budget },
    ...(note === undefined ? {} : { note }),
  })
  return [
    { what: 'labelled bugs', value: set.clusters.length, unit: 'in all' },
    { what: '  events of them', value: set.events.length, unit: 'in all' },
    { what: '  pairs of events', value: pairsIn(set), unit: 'in all', note: `${countPairs(set.bugs)} of the same bug` },
    {
      ...{
        what: 'stack: pairwise F1',
        value: stack.pairwise.f1,
        unit: 'of 1',
        goal: { sense: 'least', budget: F1_MIN },
      },
      note: `precision ${figure(stack.pairwise.precision)}, recall ${figure(stack.pairwise.recall)}, ${stack.issuesCount} issues`,
    },
    ...measured.filter(({ method }) => !METHODS[method].isOurs).map((rival) => rivalRow(rival, stack)),
    {
      ...perSec('grouped and titled, median labelled event', speed.medianPerSec, `${speed.medianBytes} bytes of JSON`),
    },
    { ...perSec('  the event other suites send', speed.sdkPerSec) },
    { ...perSec('  the same, varied', speed.variedPerSec) },
    {
      ...perSec('  all labelled events in turn', speed.setPerSec, 'of one core, by CPU time, warm, normalised before'),
    },
  ]
}

function rivalRow({ method, whole }: Measured, stack: Score): Row {
  const note = `F1 ${figure(whole.pairwise.f1)}`
  if (whole.pairwise.f1 === 0) return { what: `  × ${method}`, value: null, unit: '×', note }
  const value = stack.pairwise.f1 / whole.pairwise.f1
  return { what: `  × ${method}`, value, unit: '×', goal: { sense: 'least', budget: 1 }, note }
}

function pairsIn({ events }: LabelledSet): number {
  return (events.length * (events.length - 1)) / 2
}

/** The same of the set no rule was tuned on: there it shows what the others' figures are worth, and ours. */
export function unseenRows(set: LabelledSet, measured: readonly Measured[]): Row[] {
  const stack = measured.find(({ method }) => method === 'stack')?.whole
  if (stack === undefined) throw new Error('stack was not measured')
  const { precision, recall, f1 } = stack.pairwise
  return [
    {
      ...{ what: 'unseen events: stack, pairwise F1', value: f1, unit: 'of 1' },
      note: `precision ${figure(precision)}, recall ${figure(recall)}; ${set.clusters.length} bugs, ${set.events.length} events`,
    },
    ...measured.filter(({ method }) => !METHODS[method].isOurs).map((rival) => rivalRow(rival, stack)),
  ]
}

const HEAD = ['precision', 'recall', 'F1', 'B³ precision', 'B³ recall', 'B³ F1']
const FIGURES = new Set(Array.from({ length: 10 }, (_, at) => 1 + at))

export function unseenTable(measured: readonly Measured[]): string {
  return methodTable('unseen events', measured)
}

function methodTable(title: string, measured: readonly Measured[]): string {
  const methods = measured.map(({ method, whole }) => [method, `${whole.issuesCount}`, ...figuresOf(whole)])
  return formatColumns([title, 'issues', ...HEAD], methods, FIGURES)
}

/** Every method over all events, then `stack` by folder. */
export function groupingTables(set: LabelledSet, measured: readonly Measured[]): string {
  const stack = measured.find(({ method }) => method === 'stack')
  const folders = Object.entries(stack?.byFolder ?? {}).map(([folder, found]) => {
    const eventsCount = set.folders.filter((one) => one === folder).length
    const bugsCount = new Set(set.bugs.filter((_, at) => set.folders[at] === folder)).size
    return [folder, `${bugsCount}`, `${eventsCount}`, `${found.issuesCount}`, ...figuresOf(found)]
  })
  return [
    methodTable('method', measured),
    formatColumns(['stack in', 'bugs', 'events', 'issues', ...HEAD], folders, FIGURES),
  ].join('\n\n')
}

function figuresOf({ pairwise, bCubed }: Score): string[] {
  return [pairwise, bCubed].flatMap(({ precision, recall, f1 }) => [precision, recall, f1].map(figure))
}

function figure(value: number): string {
  return value.toFixed(3)
}
