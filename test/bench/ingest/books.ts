import type { Sql } from 'postgres'
import type { LoadResult } from '../load/generate.ts'

/** What there is: requests archived, archives that wait to be digested, events that were. */
export interface Books {
  archives: number
  jobs: number
  reports: number
}

export async function readBooks(sql: Sql): Promise<Books> {
  const [books] = await sql<Books[]>`
    SELECT (SELECT count(*) FROM archive)::int AS archives,
      (SELECT count(*) FROM pgboss.job WHERE name IN ('digest', 'digest-excess'))::int AS jobs,
      (SELECT count(*) FROM report)::int AS reports`
  if (!books) throw new Error('the database said nothing')
  return books
}

/**
 * What does not add up, in sentences: every request sent is answered 200, and each of those is an archive, and either a
 * job or a report. The events of a load are distinct, so none may be seen again.
 */
export function audit(name: string, load: LoadResult, before: Books, after: Books): string[] {
  const archived = after.archives - before.archives
  const accounted = after.jobs - before.jobs + (after.reports - before.reports)
  const faults: string[] = []
  if (load.unanswered > 0) faults.push(`${name}: ${load.unanswered} requests got no answer`)
  for (const [status, count] of Object.entries(load.refused)) faults.push(`${name}: ${count} were answered ${status}`)
  // Of a request whose answer is missing nobody knows whether it was kept.
  const most = load.answered + load.unanswered
  if (archived < load.answered || archived > most) {
    faults.push(`${name}: ${load.answered} answered 200, ${archived} archived`)
  }
  if (accounted !== archived) faults.push(`${name}: ${archived} archived, ${accounted} queued or digested`)
  return faults
}
