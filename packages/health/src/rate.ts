/** Things a second over the last minute, of a number that only grows. */
export interface Rate {
  /** What it has grown to; call it every few seconds. */
  sample(total: number): void
  perSecond(): number
}

const WINDOW_MS = 60_000

/** `now` in milliseconds, never backwards. */
export function createRate(now: () => number = () => performance.now()): Rate {
  let samples: readonly { atMs: number; total: number }[] = [{ atMs: now(), total: 0 }]
  return {
    sample(total) {
      const atMs = now()
      samples = [...samples.filter((one) => atMs - one.atMs <= WINDOW_MS), { atMs, total }]
    },
    perSecond() {
      const [first, last] = [samples[0], samples.at(-1)]
      if (!first || !last || last.atMs === first.atMs) return 0
      return ((last.total - first.total) * 1000) / (last.atMs - first.atMs)
    },
  }
}
