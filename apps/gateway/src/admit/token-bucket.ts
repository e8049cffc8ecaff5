/** Buckets of tokens, one for each key, all in one clock. */
export interface TokenBuckets {
  /**
   * Takes one token from the key's bucket, which holds at most `burst` and gains `ratePerSec`. 0: taken. Otherwise the
   * milliseconds until one will be there; nothing is taken, and nobody waits in line for it.
   */
  take(key: string, ratePerSec: number, burst: number): number
  /** Puts back what was taken a moment ago. */
  giveBack(key: string, ratePerSec: number): void
}

/** Of one token's time: what rounding may cost before a token that is there counts as missing. */
const ROUNDING = 0.001

/**
 * Token buckets in one number each: the time at which the bucket will be full again (the generic cell rate algorithm,
 * ITU-T I.371). A full bucket is as good as none, so nothing is ever refilled or swept.
 *
 * At most `entriesMax` keys are remembered, in two generations: a key lives in the young one from its last use, refusals
 * included, and when `entriesMax / 2` others have followed it there, that generation becomes the old one and the old
 * one is dropped. So a bucket is forgotten, and thereby filled, only after `entriesMax / 2` other keys were used since its
 * own last use. Who holds that many keys has that many bursts anyway, and gains nothing by it.
 *
 * Measured with 100,000 entries, in CPU time: 0.1 to 0.3 µs a take, 1 µs while every take meets a new key. One map in order
 * of use took 40 µs then: finding its first entry walks over all that were deleted before it.
 */
export function createTokenBuckets({
  entriesMax,
  now = () => performance.now(),
}: {
  entriesMax: number
  now?: (() => number) | undefined
}): TokenBuckets {
  const generationMax = Math.max(1, Math.floor(entriesMax / 2))
  let young = new Map<string, number>()
  let old = new Map<string, number>()

  function remember(key: string, fullAtMs: number): void {
    young.set(key, fullAtMs)
    if (young.size < generationMax) return
    old = young
    young = new Map()
  }

  const recall = (key: string) => young.get(key) ?? old.get(key) ?? Number.NEGATIVE_INFINITY

  return {
    take(key, ratePerSec, burst) {
      const nowMs = now()
      const tokenMs = 1000 / ratePerSec
      const fullAtMs = Math.max(recall(key), nowMs)
      const waitMs = fullAtMs - nowMs - (burst - 1) * tokenMs
      const isTaken = waitMs <= tokenMs * ROUNDING
      remember(key, isTaken ? fullAtMs + tokenMs : fullAtMs)
      return isTaken ? 0 : waitMs
    },
    giveBack(key, ratePerSec) {
      remember(key, recall(key) - 1000 / ratePerSec)
    },
  }
}
