import { type Db, PgBoss } from 'pg-boss'
import { DIGEST_QUEUE, type DigestJob } from './digest-queue.ts'
import { POOL_OPTIONS } from './pool-options.ts'

export interface NewJob extends DigestJob {
  /** Higher goes first. */
  priority: number
}

export interface Sender {
  /**
   * Inserts the jobs with the statement of the caller's open transaction and gives how many there were. The ids are
   * random: derived from content, the same bytes in a second project would lose their job without a word.
   */
  enqueue(transaction: Db, jobs: readonly NewJob[]): Promise<number>
  stop(): Promise<void>
}

/** Starts pg-boss for sending alone: it neither migrates nor supervises nor schedules. The queues must exist. */
export async function startSender(url: string, onError: (error: Error) => void): Promise<Sender> {
  const boss = new PgBoss({
    connectionString: url,
    ...POOL_OPTIONS,
    application_name: 'rumen gateway queue',
    max: 1,
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  })
  boss.on('error', onError)
  await boss.start()
  if (!(await boss.getQueue(DIGEST_QUEUE))) throw new Error(`there is no queue ${DIGEST_QUEUE}: run rumen migrate`)
  return {
    async enqueue(transaction, jobs) {
      const inserts = jobs.map(({ priority, ...data }) => ({ data, priority }))
      const ids = await boss.insert(DIGEST_QUEUE, inserts, { db: transaction, returnId: true })
      return ids?.length ?? 0
    },
    stop: () => boss.stop({ graceful: true, close: true }),
  }
}
