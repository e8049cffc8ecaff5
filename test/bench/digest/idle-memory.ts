import { setTimeout as delay } from 'node:timers/promises'
import { processUsage } from '../stage/process-usage.ts'
import { startRole } from '../stage/start-role.ts'
import type { Stage } from '../stage/start-stage.ts'

const START_MS_MAX = 30_000
const POLL_MS = 50

/** MiB a worker holds that found nothing to do, `restMs` after it began to listen for work. */
export async function idleMemoryMiB({ databaseUrl, sql }: Stage, restMs: number): Promise<number | null> {
  const worker = await startRole('worker', databaseUrl)
  try {
    const deadline = Date.now() + START_MS_MAX
    for (;;) {
      const [row] = await sql<{ listens: boolean }[]>`
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'rumen worker notifications') AS listens`
      if (row?.listens) break
      if (Date.now() > deadline) throw new Error('the worker does not listen for work')
      await Promise.race([delay(POLL_MS), worker.failed])
    }
    await Promise.race([delay(restMs), worker.failed])
    return (await processUsage(worker.pid))?.residentMiB ?? null
  } finally {
    await worker.stop()
  }
}
