import { sql } from 'drizzle-orm'
import { type DrizzleTransactionLike, fromDrizzle, PgBoss } from 'pg-boss'
import { affectedBy } from './affected.ts'
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
   *
   * A claim that lapsed counts as a try in `retryCount`, but not towards the limit of tries: whatever ended the worker,
   * it was at most one of the jobs it held. Whoever claims must find out which, and settle that one.
   */
  claim(countMax: number): Promise<readonly ClaimedJob[]>
  /** Deletes the jobs within `transaction`. Throws ClaimLostError when any of them is not held any more. */
  settle(transaction: DrizzleTransactionLike, jobs: readonly ClaimedJob[]): Promise<void>
  /** Gives the jobs back for a later try, or to the dead-letter queue when they had their tries. */
  giveBack(jobs: readonly ClaimedJob[], reason: string): Promise<void>
  /** Gives back jobs that were not begun: at once, and as if they had not been claimed. */
  release(jobs: readonly ClaimedJob[]): Promise<void>
  stop(): Promise<void>
}

const SUPERVISE_SECONDS = 5
/**
 * Claims read in the order of their index. Statistics made in a moment when the queue was empty say that there is nothing to
 * sort, and until the next ones each claim would read and sort all that waits: a quarter of a second for half a million jobs.
 */
const INDEX_ORDER = '-c enable_sort=off'
/** Of a batch, for what is beyond the fair rates: it waits, but it never starves. */
const EXCESS_SHARE = 0.25

/**
 * Starts pg-boss for a worker: claiming, settling, and every five seconds looking for jobs of dead workers (pg-boss
 * sees to it that one process at a time does). The queues must exist.
 */
export async function startConsumer(url: string, onError: (error: Error) => void): Promise<Consumer> {
  const boss = new PgBoss({
    connectionString: url,
    ...POOL_OPTIONS,
    application_name: 'rumen worker queue',
    options: INDEX_ORDER,
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
      const claimed = [...fair, ...excess, ...(await fetchFrom(boss, EXCESS_QUEUE, room))]
      await forgiveLapses(boss, claimed)
      return claimed
    },
    async settle(transaction, jobs) {
      let held = 0
      for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
        const response = await boss.deleteJob(queue, attempts(ofQueue), { db: fromDrizzle(transaction, sql) })
        held += affectedBy(response)
      }
      if (held !== jobs.length) throw new ClaimLostError({ held, claimed: jobs.length })
    },
    async giveBack(jobs, reason) {
      for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
        await boss.fail(queue, attempts(ofQueue), { reason })
      }
    },
    async release(jobs) {
      for (const [queue, ofQueue] of Map.groupBy(jobs, (job) => job.queue)) {
        await boss.getDb().executeSql(RELEASE, [queue, ofQueue.map(({ id }) => id), ofQueue.map(attemptOf)])
      }
    },
    stop: () => boss.stop({ graceful: true, close: true }),
  }
}

/** What pg-boss writes as the output of a job whose claim lapsed; `giveBack` writes a reason instead. */
const LAPSED = 'job timed out'

const FORGIVE = `
  UPDATE pgboss.job SET retry_limit = retry_limit + 1
  WHERE name = $1 AND id = ANY($2::uuid[]) AND state = 'active' AND output #>> '{value,message}' = '${LAPSED}'`

/** pg-boss's `restore` with its fence: that one would take a job from whoever holds it now. */
const RELEASE = `
  UPDATE pgboss.job SET state = 'created', started_on = NULL, heartbeat_on = NULL, output = NULL
  WHERE name = $1 AND id = ANY($2::uuid[]) AND state = 'active' AND id::text || ':' || retry_count::text = ANY($3::text[])`

async function forgiveLapses(boss: PgBoss, jobs: readonly ClaimedJob[]): Promise<void> {
  const again = jobs.filter(({ retryCount }) => retryCount > 0)
  for (const [queue, ofQueue] of Map.groupBy(again, (job) => job.queue)) {
    await boss.getDb().executeSql(FORGIVE, [queue, ofQueue.map(({ id }) => id)])
  }
}

function attemptOf({ id, retryCount }: ClaimedJob): string {
  return `${id}:${retryCount}`
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
