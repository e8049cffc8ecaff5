import { sql } from 'drizzle-orm'
import { type DrizzleTransactionLike, fromDrizzle, PgBoss } from 'pg-boss'
import { affectedBy } from './affected.ts'
import { DEAD_QUEUE } from './digest-queue.ts'

/** What can be done with jobs that were given up. */
export interface DeadLetters {
  /** Puts the jobs back where they waited, as fresh ones, within `transaction`; gives how many are on their way. */
  retry(transaction: DrizzleTransactionLike, ids: readonly string[]): Promise<number>
  /** Removes the jobs within `transaction`; gives how many there were. */
  drop(transaction: DrizzleTransactionLike, ids: readonly string[]): Promise<number>
  close(): Promise<void>
}

/** Opens pg-boss on connections of the caller's; it does nothing by itself. The queues must exist. */
export async function openDeadLetters(
  db: DrizzleTransactionLike,
  onError: (error: Error) => void,
): Promise<DeadLetters> {
  const boss = new PgBoss({ db: fromDrizzle(db, sql), migrate: false, supervise: false, schedule: false })
  boss.on('error', onError)
  await boss.start()
  return {
    retry: async (transaction, ids) =>
      await boss.redrive(DEAD_QUEUE, {
        ids: [...ids],
        limit: Math.max(1, ids.length),
        db: fromDrizzle(transaction, sql),
      }),
    drop: async (transaction, ids) =>
      affectedBy(await boss.deleteJob(DEAD_QUEUE, [...ids], { db: fromDrizzle(transaction, sql) })),
    close: () => boss.stop({ graceful: false, close: false }),
  }
}
