import type { Row, Sql } from 'postgres'
import { waitFor } from './wait-for.ts'

/** The rows of `analytics.reports` of a project once there are so many, oldest first; rejects after `msMax`. */
export async function waitForReports(
  { sql }: { sql: Sql },
  { id }: { id: string },
  { count = 1, msMax = 20_000 } = {},
): Promise<readonly Row[]> {
  return await waitFor(
    `${count} reports`,
    async () => {
      const rows = await sql`SELECT * FROM analytics.reports WHERE project_id = ${id} ORDER BY occurred_at, event_id`
      return rows.length >= count ? rows : null
    },
    msMax,
  )
}
