import type { Sql } from 'postgres'

/** Reports that became visible at one moment: a worker's batch. */
export interface Commit {
  atMs: number
  reports: number
}

/** What is timed of a load: events that were digested between two commits. */
export interface Span {
  fromMs: number
  toMs: number
  events: number
}

/** The server keeps when each transaction committed (`track_commit_timestamp`): nobody has to look while it works. */
export async function readCommits(sql: Sql): Promise<readonly Commit[]> {
  return await sql<Commit[]>`
    SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000)::float8 AS "atMs", count(*)::int AS reports
    FROM report GROUP BY 1 ORDER BY 1`
}

/**
 * From the commit with which the first `untimed` events were there to the last one. Those warmed the workers up: compiled
 * code and remembered ids come with the first thousands, and a worker that starts is late for its first batch.
 */
export function spanBehind(commits: readonly Commit[], untimed: number): Span {
  let events = commits.reduce((sum, { reports }) => sum + reports, 0)
  const goal = events - untimed
  for (const { atMs, reports } of commits) {
    events -= reports
    const toMs = commits.at(-1)?.atMs ?? atMs
    if (events <= goal) return { fromMs: atMs, toMs, events }
  }
  throw new Error('nothing was digested')
}

export function perSec({ fromMs, toMs, events }: Span): number {
  return toMs > fromMs ? (events * 1000) / (toMs - fromMs) : 0
}
