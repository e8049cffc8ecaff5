/** How long it took of late until events were visible. */
export interface VisibleTimes {
  add(ms: number): void
  /** The time that such a share of the events of the last minute did not exceed, to 5 %; null: there were none. */
  percentile(share: number): number | null
}

const SLICE_MS = 5_000
const SLICES = 12
/** Bins grow by this factor: 400 of them reach from a millisecond to a day. */
const FACTOR = 1.05
const BINS = 400

/** A minute in twelve slices, each a row of bins: adding is some nanoseconds, however many come. `now` never goes back. */
export function createVisibleTimes(now: () => number = () => performance.now()): VisibleTimes {
  const slices = Array.from({ length: SLICES }, () => ({ index: -1, counts: new Uint32Array(BINS) }))

  function recent(): readonly Uint32Array[] {
    const oldest = Math.floor(now() / SLICE_MS) - SLICES
    return slices.filter(({ index }) => index > oldest).map(({ counts }) => counts)
  }

  return {
    add(ms) {
      const index = Math.floor(now() / SLICE_MS)
      const slice = slices[index % SLICES]
      if (!slice) return
      if (slice.index !== index) {
        slice.counts.fill(0)
        slice.index = index
      }
      const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(Math.log(Math.max(1, ms)) / Math.log(FACTOR))))
      slice.counts[bin] = (slice.counts[bin] ?? 0) + 1
    },
    percentile(share) {
      const counted = recent()
      const sums = Array.from({ length: BINS }, (_, bin) =>
        counted.reduce((sum, counts) => sum + (counts[bin] ?? 0), 0),
      )
      const total = sums.reduce((sum, count) => sum + count, 0)
      if (total === 0) return null
      let passed = 0
      const bin = sums.findIndex((count) => {
        passed += count
        return passed >= total * share
      })
      return Math.round(FACTOR ** bin)
    },
  }
}
