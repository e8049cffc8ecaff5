/** In milliseconds. */
export interface LatencySummary {
  p50: number
  p99: number
  max: number
}

/** Collects without making garbage while the load runs. */
export function collectLatencies(countMax: number) {
  const values = new Float64Array(countMax)
  let count = 0
  return {
    add(ms: number): void {
      if (count < countMax) values[count++] = ms
    },
    summary(): LatencySummary {
      const sorted = values.subarray(0, count).sort()
      const at = (share: number) => sorted[Math.min(count - 1, Math.floor(count * share))] ?? 0
      return { p50: at(0.5), p99: at(0.99), max: at(1) }
    },
  }
}
