import { setTimeout as delay } from 'node:timers/promises'
import type { Sql } from 'postgres'

const DIGEST_MS_MAX = 180_000
const POLL_MS = 100

/** Waits until nothing is left to be digested. */
export async function waitUntilDigested(sql: Sql): Promise<void> {
  const deadline = Date.now() + DIGEST_MS_MAX
  for (;;) {
    const [row] = await sql<{ waiting: boolean }[]>`
      SELECT EXISTS (SELECT FROM pgboss.job WHERE name IN ('digest', 'digest-excess')) AS waiting`
    if (row?.waiting === false) return
    if (Date.now() > deadline) throw new Error(`the workers do not come to an end: ${await jobsLeft(sql)}`)
    await delay(POLL_MS)
  }
}

async function jobsLeft(sql: Sql): Promise<string> {
  const states = await sql<{ state: string; jobs: number; retries: number }[]>`
    SELECT state::text AS state, count(*)::int AS jobs, max(retry_count) AS retries
    FROM pgboss.job WHERE name IN ('digest', 'digest-excess') GROUP BY 1`
  return states.map(({ state, jobs, retries }) => `${jobs} ${state}, tried ${retries + 1} times at most`).join('; ')
}
