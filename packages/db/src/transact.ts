import type { Db, Tx } from './connect.ts'
import { isVictim } from './sql-state.ts'

const ATTEMPTS_MAX = 5

/**
 * Runs `work` in a transaction, and from its beginning again where the server ended that for the sake of another one, in a deadlock or
 * behind a lock. What it changes besides the database it has to change again.
 */
export async function transact<Result>(db: Db, work: (tx: Tx) => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction(work)
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isVictim(error)) throw error
    }
  }
}
