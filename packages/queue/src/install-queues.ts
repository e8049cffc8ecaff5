import { PgBoss } from 'pg-boss'
import {
  DEAD_QUEUE,
  DEAD_QUEUE_OPTIONS,
  DIGEST_QUEUE_OPTIONS,
  DIGEST_QUEUES,
  type DigestQueue,
} from './digest-queue.ts'
import { UPKEEP_QUEUE, UPKEEP_QUEUE_OPTIONS } from './upkeep-queue.ts'

/**
 * Installs or updates pg-boss's schema and brings the queues to the options of this version. Any number of processes
 * may call it at once. `url` must reach PostgreSQL itself, not a transaction pooler. `onWarning` gets what pg-boss
 * reports beside its work; what fails the installation throws.
 */
export async function installQueues(
  url: string,
  onWarning: (warning: string) => void = () => undefined,
): Promise<void> {
  const boss = new PgBoss({
    connectionString: url,
    application_name: 'rumen migrate',
    max: 1,
    supervise: false,
    schedule: false,
  })
  boss.on('error', (error) => onWarning(error.message))
  try {
    await boss.start()
    await boss.createQueue(DEAD_QUEUE, DEAD_QUEUE_OPTIONS)
    for (const name of DIGEST_QUEUES) {
      await boss.createQueue(name, DIGEST_QUEUE_OPTIONS)
      // A queue that existed keeps its old options until it is told the new ones; policy and partition are for life.
      const { policy, partition, ...changeable } = DIGEST_QUEUE_OPTIONS
      await boss.updateQueue(name, changeable)
      await tuneVacuum(boss, name)
    }
    await boss.createQueue(UPKEEP_QUEUE, UPKEEP_QUEUE_OPTIONS)
    const { policy, ...changeable } = UPKEEP_QUEUE_OPTIONS
    await boss.updateQueue(UPKEEP_QUEUE, changeable)
  } finally {
    await boss.stop({ graceful: true, close: true })
  }
}

/**
 * Every job is written, claimed and deleted within a second: the table is mostly dead rows. Left to the defaults,
 * vacuum comes once a fifth of it has died and takes breaks; measured over 200,000 jobs the heap grew to 93 MB
 * instead of 36 MB, and fetching slowed down with it.
 */
async function tuneVacuum(boss: PgBoss, name: DigestQueue): Promise<void> {
  const queue = await boss.getQueue(name)
  if (!queue) throw new Error(`queue ${name} was not created`)
  await boss.getDb().executeSql(`
    ALTER TABLE pgboss."${queue.table}" SET (
      fillfactor = 70,
      autovacuum_vacuum_scale_factor = 0,
      autovacuum_vacuum_threshold = 5000,
      autovacuum_vacuum_cost_delay = 0
    )`)
}
