import { type Db, PgBoss } from 'pg-boss'
import { DIGEST_QUEUES, type DigestJob, type DigestQueue } from './digest-queue.ts'
import { POOL_OPTIONS } from './pool-options.ts'

export interface NewJob extends DigestJob {
  queue: DigestQueue
  /** Higher goes first. */
  priority: number
}

export interface Sender {
  /**
   * Inserts the jobs with the statements of the caller's open transaction, one for each queue, and gives how many there
   * were. The ids are random: derived from content, the same bytes in a second project would lose their job without a word.
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
  try {
    await boss.start()
    for (const name of DIGEST_QUEUES) {
      if (!(await boss.getQueue(name))) throw new Error(`there is no queue ${name}: run rumen migrate`)
    }
  } catch (error) {
    await boss.stop({ graceful: false, close: true }).catch(onError)
    throw error
  }
  return {
    async enqueue(transaction, jobs) {
      let count = 0
      for (const [name, ofQueue] of Map.groupBy(jobs, ({ queue }) => queue)) {
        const inserts = ofQueue.map(({ queue, priority, ...data }) => ({ data, priority }))
        const ids = await boss.insert(name, inserts, { db: transaction, returnId: true })
        count += ids?.length ?? 0
      }
      return count
    },
    stop: () => boss.stop({ graceful: true, close: true }),
  }
}
