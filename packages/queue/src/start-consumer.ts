import { sql } from 'drizzle-orm'
import { type DrizzleTransactionLike, fromDrizzle, PgBoss } from 'pg-boss'
import * as v from 'valibot'
import { DIGEST_QUEUE, type DigestQueue, EXCESS_QUEUE } from './digest-queue.ts'
import { POOL_OPTIONS } from './pool-options.ts'

/** A job as a worker holds it: `retryCount` names the attempt, so that settling it is fenced to this one. */
export interface ClaimedJob {
  queue: DigestQueue
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
  /**
   * Claims up to `countMax` waiting jobs, of each queue highest priority first, then oldest. What projects send beyond
   * their fair rate gets the room that the others leave, at least a quarter of it while there is any.
   */
  claim(countMax: number): Promise<readonly ClaimedJob[]>
  /** Deletes the jobs within `transaction`. Throws ClaimLostError when any of them is not held any more. */
  settle(transaction: DrizzleTransactionLike, jobs: readonly ClaimedJob[]): Promise<void>
  /** Gives the jobs back for a later try, or to the dead-letter queue when they had their tries. */
  giveBack(jobs: readonly ClaimedJob[], reason: string): Promise<void>
  stop(): Promise<void>
}

const SUPERVISE_SECONDS = 5
/** Of a batch, for what is beyond the fair rates: it waits, but it never starves. */
const EXCESS_SHARE = 0.25

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
    async claim(countMax) {
      // The second queue is asked first, because it is mostly empty: a full batch then takes two queries, not three.
      const share = Math.floor(countMax * EXCESS_SHARE)
      const excess = await fetchFrom(boss, EXCESS_QUEUE, share)
      const fair = await fetchFrom(boss, DIGEST_QUEUE, countMax - excess.length)
      const room = excess.length === share ? countMax - excess.length - fair.length : 0
      return [...fair, ...excess, ...(await fetchFrom(boss, EXCESS_QUEUE, room))]
    },
    async settle(transaction, jobs) {
      let held = 0
      for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
        const response = await boss.deleteJob(queue, attempts(ofQueue), { db: fromDrizzle(transaction, sql) })
        held += v.parse(settled, response).affected
      }
      if (held !== jobs.length) throw new ClaimLostError({ held, claimed: jobs.length })
    },
    async giveBack(jobs, reason) {
      for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
        await boss.fail(queue, attempts(ofQueue), { reason })
      }
    },
    stop: () => boss.stop({ graceful: true, close: true }),
  }
}

/** Sent unnamed by pg-boss's own pool: prepared while the queue was empty, the plan would be twenty times slower. */
async function fetchFrom(boss: PgBoss, queue: DigestQueue, batchSize: number): Promise<ClaimedJob[]> {
  if (batchSize === 0) return []
  const jobs = await boss.fetch(queue, { batchSize })
  return jobs.map(({ id, retryCount, data }) => ({ queue, id, retryCount, data }))
}

function attempts(jobs: readonly ClaimedJob[]): { id: string; retryCount: number }[] {
  return jobs.map(({ id, retryCount }) => ({ id, retryCount }))
}
