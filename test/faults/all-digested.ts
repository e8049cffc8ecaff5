import type { Sql } from 'postgres'
import { waitFor } from '../support/wait-for.ts'

/** Waits until so many archives are there and no job is left of them. */
export async function allDigested(sql: Sql, archivesMin: number, msMax = 60_000): Promise<void> {
  await waitFor(
    `${archivesMin} archives and an empty queue`,
    async () => {
      const [state] = await sql<[{ archives: number; jobs: number }]>`
        SELECT
          (SELECT count(*)::int FROM archive) AS archives,
          (SELECT count(*)::int FROM pgboss.job WHERE name IN ('digest', 'digest-excess')) AS jobs`
      return state.archives >= archivesMin && state.jobs === 0
    },
    msMax,
  )
}

/** Which of the ids have no report. */
export async function missingReports(sql: Sql, eventIds: Iterable<string>): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`SELECT replace(event_id::text, '-', '') AS id FROM report`
  const reported = new Set(rows.map(({ id }) => id))
  return [...eventIds].filter((id) => !reported.has(id))
}
