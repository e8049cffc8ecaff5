import { readClusters, UNSEEN } from '../../fixtures/read-clusters.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'
import { groupingRows, groupingTables, unseenRows, unseenTable } from './grouping-rows.ts'
import { measureSpeed } from './grouping-speed.ts'
import { type LabelledSet, labelledSet } from './labelled-set.ts'
import { type Measured, measureMethods } from './measure-methods.ts'
import { isMethodName, METHOD_NAMES, type MethodName } from './methods.ts'
import { findMistakes, formatMistakes } from './mistakes.ts'

const EFFORT = { quick: { rounds: 3, events: 5_000 }, whole: { rounds: 9, events: 40_000 } }

/** How well events are grouped, measured against labelled bugs and other trackers' rules, and how fast. */
export async function grouping({ quick, mistakes }: BenchOptions): Promise<SuiteResult> {
  if (mistakes !== undefined && !isMethodName(mistakes)) {
    throw new Error(`there is no method ${mistakes}: ${METHOD_NAMES.join(', ')}`)
  }
  const clusters = readClusters()
  const set = labelledSet(clusters)
  const measured = measureMethods(set)
  const unseenSet = labelledSet(readClusters(UNSEEN))
  const unseen = measureMethods(unseenSet)
  const speed = measureSpeed(clusters, EFFORT[quick ? 'quick' : 'whole'])
  const tables = [groupingTables(set, measured), unseenTable(unseen)]
  const list = mistakes === undefined ? [] : [formatMistakes(mistakes, mistakesOf(mistakes, set, measured))]
  return {
    postgresVersion: null,
    rows: [...groupingRows(set, measured, speed), ...unseenRows(unseenSet, unseen)],
    faults: [],
    appendix: [...tables, ...list].join('\n\n'),
    details: {
      methods: measured.map(({ issues, ...rest }) => rest),
      unseen: unseen.map(({ issues, ...rest }) => rest),
      mistakes: mistakesOf(mistakes ?? 'stack', set, measured),
      speed,
    },
  }
}

function mistakesOf(name: MethodName, set: LabelledSet, measured: readonly Measured[]) {
  const found = measured.find(({ method }) => method === name)
  return findMistakes(set, name, found?.issues ?? [])
}
