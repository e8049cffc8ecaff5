/** Of at least one value; of an even number the lower middle, so that it is a value that was measured. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
}

/** The one of several runs whose value is the median. */
export function medianRun<Run>(runs: readonly Run[], figureOf: (run: Run) => number): Run {
  const middle = median(runs.map(figureOf))
  const run = runs.find((one) => figureOf(one) === middle)
  if (run === undefined) throw new Error('there were no runs')
  return run
}
