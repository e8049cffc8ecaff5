import { setTimeout as delay } from 'node:timers/promises'
import { hasSqlState, SQL_STATE } from '../sql-state.ts'

const ATTEMPTS_MAX = 60
const PAUSE_MS = 250

/**
 * Runs `change` until it gets its locks. It must set a short `lock_timeout`: waiting in the lock queue would make
 * every statement that comes after it wait too, and a plain wait behind one reader stopped inserts for seconds.
 */
export async function retryWhileLocked(change: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await change()
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !hasSqlState(error, SQL_STATE.lockNotAvailable)) throw error
      await delay(PAUSE_MS)
    }
  }
}
