import type { Sql } from 'postgres'

/** What the database says about itself, all of it in one snapshot. */
export interface Books {
  archives: number
  reports: number
  /** Event ids marked as counted. */
  seen: number
  /** Of the ledger. */
  stored: number
  duplicate: number
  /** Sum of the issues' counters, and of their hours'. */
  counted: number
  hourly: number
  /** Issues whose counter differs from a recount of their reports, and hours likewise. */
  wrongIssues: number
  wrongHours: number
  /** Jobs of either queue that wait or are claimed, and jobs that were given up. */
  jobs: number
  dead: number
}

export async function readBooks(sql: Sql): Promise<Books> {
  const [books] = await sql<[Books]>`
    WITH recount AS (
      SELECT report.project_id, grouping.issue_id, date_trunc('hour', report.received_at, 'UTC') AS hour, count(*) AS n
      FROM report JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
      GROUP BY 1, 2, 3
    ),
    by_issue AS (SELECT project_id, issue_id, sum(n) AS n FROM recount GROUP BY 1, 2)
    SELECT
      (SELECT count(*)::int FROM archive) AS archives,
      (SELECT count(*)::int FROM report) AS reports,
      (SELECT count(*)::int FROM seen) AS seen,
      (SELECT coalesce(sum(quantity), 0)::int FROM outcome WHERE outcome = 'stored') AS stored,
      (SELECT coalesce(sum(quantity), 0)::int FROM outcome WHERE outcome = 'duplicate') AS duplicate,
      (SELECT coalesce(sum(event_count), 0)::int FROM issue) AS counted,
      (SELECT coalesce(sum(event_count), 0)::int FROM issue_hour) AS hourly,
      (
        SELECT count(*)::int FROM issue FULL JOIN by_issue ON by_issue.project_id = issue.project_id AND by_issue.issue_id = issue.id
        WHERE coalesce(issue.event_count, 0) <> coalesce(by_issue.n, 0)
      ) AS "wrongIssues",
      (
        SELECT count(*)::int FROM issue_hour FULL JOIN recount USING (project_id, issue_id, hour)
        WHERE issue_hour.event_count IS DISTINCT FROM recount.n
      ) AS "wrongHours",
      (SELECT count(*)::int FROM pgboss.job WHERE name IN ('digest', 'digest-excess')) AS jobs,
      (SELECT count(*)::int FROM pgboss.job WHERE name = 'digest-dead') AS dead`
  return books
}

/** The books of a database where `events` were answered and every one of them is digested: nothing lost, nothing twice. */
export function balanced(events: number): Books {
  return {
    archives: events,
    reports: events,
    seen: events,
    stored: events,
    duplicate: 0,
    counted: events,
    hourly: events,
    wrongIssues: 0,
    wrongHours: 0,
    jobs: 0,
    dead: 0,
  }
}
