import type { LabelledSet } from './labelled-set.ts'
import { METHOD_NAMES, METHODS, type MethodName } from './methods.ts'
import { type Partition, partitionByHashes } from './partition.ts'
import { type Score, score } from './score.ts'

export interface Measured {
  method: MethodName
  issues: Partition
  /** Of all events as those of one project. */
  whole: Score
  /** Of the events of each folder among themselves. */
  byFolder: Readonly<Record<string, Score>>
}

export function measureMethods(set: LabelledSet): readonly Measured[] {
  return METHOD_NAMES.map((method) => {
    const issues = partitionByHashes(set.events.map((event) => METHODS[method].hashesOf(event)))
    return { method, issues, whole: score(set.bugs, issues), byFolder: scoreFolders(set, issues) }
  })
}

function scoreFolders({ folders, bugs }: LabelledSet, issues: Partition): Record<string, Score> {
  const scores: Record<string, Score> = {}
  for (const folder of new Set(folders)) {
    const isIn = (_: number, at: number) => folders[at] === folder
    scores[folder] = score(bugs.filter(isIn), issues.filter(isIn))
  }
  return scores
}
