import { sql } from 'drizzle-orm'
import { type DrizzleTransactionLike, fromDrizzle, PgBoss } from 'pg-boss'
import * as v from 'valibot'
import { DIGEST_QUEUE } from './digest-queue.ts'
import { POOL_OPTIONS } from './pool-options.ts'

/** A job as a worker holds it: `retryCount` names the attempt, so that settling it is fenced to this one. */
export interface ClaimedJob {
  id: string
  retryCount: number
  data: unknown
}

/** The claim of some jobs of a batch lapsed: another worker has them now, and this transaction must not commit. */
export class ClaimLostError extends Error {
  constructor({ held, claimed }: { held: number; claimed: number }) {
    super(`${claimed - held} of ${claimed} jobs are no longer this worker's`)
    this.name = 'ClaimLostError'
  }
}

export interface Consumer {
  /** Claims up to `countMax` waiting jobs, highest priority first, then oldest. */
  claim(countMax: number): Promise<readonly ClaimedJob[]>
  /** Deletes the jobs within `transaction`. Throws ClaimLostError when any of them is not held any more. */
  settle(transaction: DrizzleTransactionLike, jobs: readonly ClaimedJob[]): Promise<void>
  /** Gives the jobs back for a later try, or to the dead-letter queue when they had their tries. */
  giveBack(jobs: readonly ClaimedJob[], reason: string): Promise<void>
  stop(): Promise<void>
}

const SUPERVISE_SECONDS = 5

/** What pg-boss answers but does not declare: checked, because exactly-once hangs on this number. */
const settled = v.object({ affected: v.pipe(v.number(), v.integer()) })

/**
 * Starts pg-boss for a worker: claiming, settling, and every five seconds looking for jobs of dead workers (pg-boss
 * sees to it that one process at a time does). The queues must exist.
 */
export async function startConsumer(url: string, onError: (error: Error) => void): Promise<Consumer> {
  const boss = new PgBoss({
    connectionString: url,
    ...POOL_OPTIONS,
    application_name: 'rumen worker queue',
    max: 2,
    migrate: false,
    createSchema: false,
    schedule: false,
    supervise: true,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
  })
  boss.on('error', onError)
  await boss.start()
  return {
    // Sent unnamed by pg-boss's own pool: prepared while the queue was empty, the plan would be twenty times slower.
    claim: (countMax) => boss.fetch(DIGEST_QUEUE, { batchSize: countMax }),
    async settle(transaction, jobs) {
      const response = await boss.deleteJob(DIGEST_QUEUE, attempts(jobs), { db: fromDrizzle(transaction, sql) })
      const { affected: held } = v.parse(settled, response)
      if (held !== jobs.length) throw new ClaimLostError({ held, claimed: jobs.length })
    },
    async giveBack(jobs, reason) {
      await boss.fail(DIGEST_QUEUE, attempts(jobs), { reason })
    },
    stop: () => boss.stop({ graceful: true, close: true }),
  }
}

function attempts(jobs: readonly ClaimedJob[]): { id: string; retryCount: number }[] {
  return jobs.map(({ id, retryCount }) => ({ id, retryCount }))
}
