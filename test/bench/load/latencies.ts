import { createHistogram } from 'node:perf_hooks'

/** In milliseconds. */
export interface LatencySummary {
  p50: number
  p99: number
  p999: number
  max: number
}

const US = 1_000
/** An hour in microseconds; what takes longer has failed long before. */
const HIGHEST_US = 3_600_000_000
/** Three significant digits: of a second, a millisecond. */
const FIGURES = 3

/** A high dynamic range histogram: as much memory for a million values as for one, and as precise at a second as at a microsecond. */
export function collectLatencies() {
  const histogram = createHistogram({ lowest: 1, highest: HIGHEST_US, figures: FIGURES })
  return {
    add(ms: number): void {
      histogram.record(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * US))))
    },
    summary(): LatencySummary {
      if (histogram.count === 0) return { p50: 0, p99: 0, p999: 0, max: 0 }
      const at = (percent: number) => histogram.percentile(percent) / US
      return { p50: at(50), p99: at(99), p999: at(99.9), max: histogram.max / US }
    },
  }
}
