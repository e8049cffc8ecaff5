import type { Partition } from './partition.ts'

/** Each from 0 to 1. */
export interface Agreement {
  /** Of what was put together, the share that belongs together. */
  precision: number
  /** Of what belongs together, the share that was put together. */
  recall: number
  /** Harmonic mean of the two. */
  f1: number
}

export interface Score {
  /** Every pair of events counts alike, so that large bugs weigh most. */
  pairwise: Agreement
  /** Every event counts alike: how pure its issue is, and how much of its bug is there (Bagga and Baldwin 1998). */
  bCubed: Agreement
  issuesCount: number
}

/** How far issues agree with the bugs the same events are labelled with. */
export function score(bugs: Partition, issues: Partition): Score {
  if (bugs.length !== issues.length) throw new Error(`${bugs.length} labels for ${issues.length} events`)
  const bugSizes = sizesOf(bugs)
  const issueSizes = sizesOf(issues)
  const shared = new Map<string, { bug: number; issue: number; size: number }>()
  for (const [at, bug] of bugs.entries()) {
    const issue = issues[at] ?? 0
    const cell = shared.get(`${bug} ${issue}`) ?? { bug, issue, size: 0 }
    shared.set(`${bug} ${issue}`, { ...cell, size: cell.size + 1 })
  }
  const cells = [...shared.values()]
  const bothPairs = sum(cells.map(({ size }) => pairsIn(size)))
  const purity = sum(cells.map(({ issue, size }) => size ** 2 / (issueSizes.get(issue) ?? 1)))
  const completeness = sum(cells.map(({ bug, size }) => size ** 2 / (bugSizes.get(bug) ?? 1)))
  return {
    pairwise: agreement(share(bothPairs, countPairs(issues)), share(bothPairs, countPairs(bugs))),
    bCubed: agreement(share(purity, bugs.length), share(completeness, bugs.length)),
    issuesCount: issueSizes.size,
  }
}

/** How many pairs of events are of the same bug, or in the same issue. */
export function countPairs(partition: Partition): number {
  return sum([...sizesOf(partition).values()].map(pairsIn))
}

function sizesOf(partition: Partition): ReadonlyMap<number, number> {
  const sizes = new Map<number, number>()
  for (const part of partition) sizes.set(part, (sizes.get(part) ?? 0) + 1)
  return sizes
}

function pairsIn(size: number): number {
  return (size * (size - 1)) / 2
}

function agreement(precision: number, recall: number): Agreement {
  return { precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall) }
}

/** Of nothing, nothing is wrong. */
function share(part: number, whole: number): number {
  return whole === 0 ? 1 : part / whole
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
