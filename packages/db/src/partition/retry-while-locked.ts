import { setTimeout as delay } from 'node:timers/promises'
import { hasSqlState, SQL_STATE } from '../sql-state.ts'

const ATTEMPTS_MAX = 60
const PAUSE_MS = 250

/**
 * Runs `change` until it gets its locks. It must set a short `lock_timeout`: waiting in the lock queue would make
 * every statement that comes after it wait too, and a plain wait behind one reader stopped inserts for seconds. Once
 * `signal` is aborted it is not tried again.
 */
export async function retryWhileLocked(change: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change()
    } catch (error) {
      const isLast = attempt === ATTEMPTS_MAX || signal?.aborted === true
      if (isLast || !hasSqlState(error, SQL_STATE.lockNotAvailable)) throw error
      await delay(PAUSE_MS)
    }
  }
}
