/** Closed: the database is tried first. Open: it is not. Half-open: one probe is under way to find out. */
export type BreakerState = 'closed' | 'half-open' | 'open'

/**
 * Decides one thing: whether the database is tried before the spool. It never refuses anybody, and nothing but the time
 * of an answer hangs on it: what the database does not take is spooled either way.
 */
export interface Breaker {
  readonly state: BreakerState
  /** True when the database should be tried; while it is away true once per pause, for a probe. */
  mayTry(): boolean
  succeeded(): void
  failed(): void
}

const PAUSE_MS = 500
const PAUSE_MS_MAX = 4_000

/** Opens at the first failure: the answer of whoever tried in vain was late enough. The pauses double up to four seconds. */
export function createBreaker(now: () => number = () => performance.now()): Breaker {
  let state: BreakerState = 'closed'
  let pauseMs = PAUSE_MS
  let tryAgainAtMs = 0
  return {
    get state() {
      return state
    },
    mayTry() {
      if (state === 'closed') return true
      // A probe that never came back (its client left) does not keep the breaker half-open for good.
      if (now() < tryAgainAtMs) return false
      state = 'half-open'
      tryAgainAtMs = now() + PAUSE_MS_MAX
      return true
    },
    succeeded() {
      state = 'closed'
      pauseMs = PAUSE_MS
    },
    failed() {
      // Many fail together when the database goes: they are one failure.
      if (state === 'open') return
      state = 'open'
      tryAgainAtMs = now() + pauseMs
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)
    },
  }
}
