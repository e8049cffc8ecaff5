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
  /** Issues and groupings that differ from a recount of their reports; hours likewise, and tags by key. */
  wrongIssues: number
  wrongGroupings: number
  wrongHours: number
  wrongTags: number
  /** Jobs of either queue that wait or are claimed, and jobs that were given up. */
  jobs: number
  dead: number
}

export async function readBooks(sql: Sql): Promise<Books> {
  const [books] = await sql<[Books]>`
    WITH reported AS (
      SELECT report.*, grouping.issue_id,
        (CASE WHEN u.user_id IS NOT NULL THEN 'id' WHEN u.email IS NOT NULL THEN 'email' END, u.identifier) AS known_as,
        u.id IS NOT NULL AS has_user
      FROM report JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
      LEFT JOIN dim_user AS u ON u.project_id = report.project_id AND u.id = report.user_id
    ),
    recount AS (
      SELECT project_id, grouping_id, date_trunc('hour', received_at, 'UTC') AS hour, count(*) AS n
      FROM reported GROUP BY 1, 2, 3
    ),
    -- By issue, where there is no grouping, and by grouping.
    summed AS (
      SELECT project_id, issue_id, grouping_id, count(*) AS n, count(DISTINCT known_as) FILTER (WHERE has_user) AS users,
        min(occurred_at) AS first_seen, max(occurred_at) AS last_seen,
        (array_agg(level ORDER BY occurred_at DESC, level DESC))[1] AS level
      FROM reported GROUP BY GROUPING SETS ((project_id, issue_id), (project_id, grouping_id))
    ),
    by_issue AS (SELECT * FROM summed WHERE grouping_id IS NULL),
    by_grouping AS (SELECT * FROM summed WHERE issue_id IS NULL),
    by_tag AS (
      SELECT reported.project_id, grouping_id, tag_key, count(*) AS n
      FROM reported CROSS JOIN LATERAL unnest(tag_ids) AS tag_id
      JOIN tag ON tag.project_id = reported.project_id AND tag.id = tag_id AND tag_key <> 'user'
      GROUP BY 1, 2, 3
    ),
    counted_tag AS (SELECT project_id, grouping_id, tag_key, sum(event_count) AS n FROM issue_tag GROUP BY 1, 2, 3),
    ledger AS (SELECT outcome, quantity FROM analytics.outcomes WHERE item_type <> 'request')
    SELECT
      (SELECT count(*)::int FROM archive) AS archives,
      (SELECT count(*)::int FROM report) AS reports,
      (SELECT count(*)::int FROM seen) AS seen,
      (SELECT coalesce(sum(quantity), 0)::int FROM ledger WHERE outcome = 'stored') AS stored,
      (SELECT coalesce(sum(quantity), 0)::int FROM ledger WHERE outcome = 'duplicate') AS duplicate,
      (SELECT coalesce(sum(event_count), 0)::int FROM issue) AS counted,
      (SELECT coalesce(sum(event_count), 0)::int FROM issue_hour) AS hourly,
      (
        SELECT count(*)::int FROM issue FULL JOIN by_issue ON by_issue.project_id = issue.project_id AND by_issue.issue_id = issue.id
        WHERE coalesce(issue.event_count, 0) <> coalesce(by_issue.n, 0)
          OR coalesce(issue.user_count, 0) <> coalesce(by_issue.users, 0)
          OR (issue.first_seen, issue.last_seen, issue.level) <> (by_issue.first_seen, by_issue.last_seen, by_issue.level)
      ) AS "wrongIssues",
      (
        SELECT count(*)::int FROM grouping
        FULL JOIN by_grouping ON by_grouping.project_id = grouping.project_id AND by_grouping.grouping_id = grouping.id
        WHERE coalesce(grouping.event_count, 0) <> coalesce(by_grouping.n, 0)
          OR (grouping.first_seen, grouping.last_seen, grouping.level)
            IS DISTINCT FROM (by_grouping.first_seen, by_grouping.last_seen, by_grouping.level)
          OR coalesce(by_grouping.users, 0) <> (
            SELECT count(*) FROM issue_user WHERE issue_user.project_id = grouping.project_id AND grouping_id = grouping.id
          )
      ) AS "wrongGroupings",
      (
        SELECT count(*)::int FROM issue_hour FULL JOIN recount USING (project_id, grouping_id, hour)
        WHERE issue_hour.event_count IS DISTINCT FROM recount.n
      ) AS "wrongHours",
      (
        SELECT count(*)::int FROM by_tag FULL JOIN counted_tag USING (project_id, grouping_id, tag_key)
        WHERE by_tag.n IS DISTINCT FROM counted_tag.n
      ) AS "wrongTags",
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
    wrongGroupings: 0,
    wrongHours: 0,
    wrongTags: 0,
    jobs: 0,
    dead: 0,
  }
}
