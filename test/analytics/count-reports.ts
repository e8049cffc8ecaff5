import type { Sql } from 'postgres'

/** Counts what a digest would have counted: hours, tags and users of every issue, and its own columns. */
export async function countReports(sql: Sql): Promise<void> {
  await sql`
    INSERT INTO issue_hour (project_id, grouping_id, hour, event_count)
    SELECT project_id, grouping_id, date_trunc('hour', received_at, 'UTC'), count(*) FROM report GROUP BY 1, 2, 3`
  await sql`
    INSERT INTO issue_user (project_id, grouping_id, user_key, last_day)
    SELECT project_id, grouping_id, user_id, max(day) FROM report WHERE user_id IS NOT NULL GROUP BY 1, 2, 3`
  await sql`
    INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
    SELECT project_id, grouping_id, tag_key, value, sum(events)
    FROM (
      SELECT t.*, CASE WHEN row_number() OVER (PARTITION BY project_id, grouping_id, tag_key ORDER BY events DESC) <= 100
        THEN tag_value ELSE '(other)' END AS value
      FROM (
        SELECT report.project_id, report.grouping_id, tag.tag_key, tag.tag_value, count(*) AS events
        FROM report
        CROSS JOIN LATERAL unnest(report.tag_ids) AS u(id)
        JOIN tag ON tag.project_id = report.project_id AND tag.id = u.id
        GROUP BY 1, 2, 3, 4
      ) AS t
    ) AS _
    GROUP BY 1, 2, 3, 4`
  await sql`
    UPDATE grouping SET event_count = c.events, first_seen = c.first, last_seen = c.last
    FROM (SELECT project_id, grouping_id, count(*) AS events, min(occurred_at) AS first, max(occurred_at) AS last FROM report GROUP BY 1, 2) AS c
    WHERE grouping.project_id = c.project_id AND grouping.id = c.grouping_id`
  await sql`
    UPDATE issue SET event_count = g.events, first_seen = g.first, last_seen = g.last, user_count = (
      SELECT count(DISTINCT user_key)
      FROM grouping
      JOIN issue_user ON issue_user.project_id = grouping.project_id AND issue_user.grouping_id = grouping.id
      WHERE grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
    )
    FROM (
      SELECT project_id, issue_id, sum(event_count) AS events, min(first_seen) AS first, max(last_seen) AS last
      FROM grouping WHERE event_count > 0 GROUP BY project_id, issue_id
    ) AS g
    WHERE g.project_id = issue.project_id AND g.issue_id = issue.id`
}

/** The hours of the sessions that are there. */
export async function countSessions(sql: Sql): Promise<void> {
  for (const [table, key] of [
    ['session_hour', 'project_id, hour, release_id, environment_id'],
    ['session_user_hour', 'project_id, hour, release_id, environment_id, did'],
  ] as const) {
    await sql.unsafe(`
      INSERT INTO ${table} (${key}, sessions, errored, unhandled, abnormal, crashed)
      SELECT ${key}, count(*), count(*) FILTER (WHERE status <> 'exited'), 0, 0, count(*) FILTER (WHERE status = 'crashed')
      FROM (SELECT *, date_trunc('hour', started_at, 'UTC') AS hour FROM session) AS _
      GROUP BY ${key}`)
  }
}
