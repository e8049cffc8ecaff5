import type { Sql } from 'postgres'

/** What one of the counters of a project says, and what its reports say. */
export interface Difference {
  what: string
  place: string
  counted: string | null
  recounted: string | null
}

/**
 * Everything that is counted of a project and not what its reports add up to: events, hours, tags, users and newest events of
 * its groupings, and events and users of its issues. Only for projects whose reports are all there, and whose tags have few
 * values.
 */
export async function recount(sql: Sql, { id }: { id: string }): Promise<readonly Difference[]> {
  return await sql<Difference[]>`
    WITH stored AS (
      SELECT report.*, grouping.issue_id, CASE
          WHEN dim_user.user_id IS NOT NULL THEN 'id:' || dim_user.user_id
          WHEN dim_user.email IS NOT NULL THEN 'email:' || dim_user.email
          WHEN dim_user.username IS NOT NULL THEN 'username:' || dim_user.username
          WHEN dim_user.ip IS NOT NULL THEN 'ip:' || dim_user.ip
        END AS identity
      FROM report
      JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
      LEFT JOIN dim_user ON dim_user.project_id = report.project_id AND dim_user.id = report.user_id
      WHERE report.project_id = ${id}
    ),
    met AS (
      SELECT *, ('x' || encode(substr(sha256(convert_to(project_id || ' ' || identity, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint AS user_key
      FROM stored WHERE identity IS NOT NULL
    ),
    counted AS (
      SELECT 'events of grouping' AS what, id::text AS place, event_count::text AS value FROM grouping
        WHERE project_id = ${id} AND event_count <> 0
      UNION ALL SELECT 'newest of grouping', id::text, concat_ws(' ', last_seen, level) FROM grouping
        WHERE project_id = ${id} AND last_seen IS NOT NULL
      UNION ALL SELECT 'last release of grouping', id::text, concat_ws(' ', last_release_at, last_release) FROM grouping
        WHERE project_id = ${id} AND last_release IS NOT NULL
      UNION ALL SELECT 'hour', concat_ws(' ', grouping_id, hour), event_count::text FROM issue_hour WHERE project_id = ${id}
      UNION ALL SELECT 'tag', concat_ws(' ', grouping_id, tag_key, tag_value), event_count::text FROM issue_tag
        WHERE project_id = ${id}
      UNION ALL SELECT 'user', concat_ws(' ', grouping_id, user_key), last_day::text FROM issue_user WHERE project_id = ${id}
      UNION ALL SELECT 'events of issue', id::text, event_count::text FROM issue WHERE project_id = ${id} AND event_count <> 0
      UNION ALL SELECT 'users of issue', id::text, user_count::text FROM issue WHERE project_id = ${id} AND user_count <> 0
      UNION ALL SELECT 'newest of issue', id::text, concat_ws(' ', last_seen, level, last_release) FROM issue
        WHERE project_id = ${id} AND event_count <> 0
      UNION ALL SELECT 'seen too late', id::text, NULL FROM issue
        WHERE project_id = ${id} AND first_seen > (SELECT min(occurred_at) FROM stored WHERE issue_id = issue.id)
    ),
    recounted AS (
      SELECT 'events of grouping' AS what, grouping_id::text AS place, count(*)::text AS value FROM stored GROUP BY grouping_id
      UNION ALL SELECT 'newest of grouping', grouping_id::text,
        concat_ws(' ', max(occurred_at), (array_agg(level ORDER BY occurred_at DESC, level DESC))[1])
        FROM stored GROUP BY grouping_id
      UNION ALL SELECT 'last release of grouping', grouping_id::text, concat_ws(' ', max(occurred_at),
          (array_agg(value ORDER BY occurred_at DESC, value COLLATE "C" DESC))[1])
        FROM stored JOIN dim_release ON dim_release.project_id = stored.project_id AND dim_release.id = release_id
        GROUP BY grouping_id
      UNION ALL SELECT 'hour', concat_ws(' ', grouping_id, date_trunc('hour', received_at, 'UTC')), count(*)::text
        FROM stored GROUP BY grouping_id, date_trunc('hour', received_at, 'UTC')
      UNION ALL SELECT 'tag', concat_ws(' ', grouping_id, tag_key, tag_value), count(*)::text
        FROM stored CROSS JOIN unnest(tag_ids) AS tag_id
        JOIN tag ON tag.project_id = stored.project_id AND tag.id = tag_id
        WHERE tag_key <> 'user' GROUP BY grouping_id, tag_key, tag_value
      UNION ALL SELECT 'user', concat_ws(' ', grouping_id, user_key), max(day)::text FROM met GROUP BY grouping_id, user_key
      UNION ALL SELECT 'events of issue', issue_id::text, count(*)::text FROM stored GROUP BY issue_id
      UNION ALL SELECT 'users of issue', issue_id::text, count(DISTINCT user_key)::text FROM met GROUP BY issue_id
      UNION ALL SELECT 'newest of issue', issue_id::text, concat_ws(' ', max(occurred_at),
          (array_agg(level ORDER BY occurred_at DESC, level DESC))[1],
          (array_agg(value ORDER BY occurred_at DESC, value COLLATE "C" DESC) FILTER (WHERE value IS NOT NULL))[1])
        FROM stored LEFT JOIN dim_release ON dim_release.project_id = stored.project_id AND dim_release.id = release_id
        GROUP BY issue_id
    )
    SELECT what, place, counted.value AS counted, recounted.value AS recounted
    FROM counted FULL JOIN recounted USING (what, place)
    WHERE counted.value IS DISTINCT FROM recounted.value OR what = 'seen too late'
    ORDER BY what, place`
}

/** A digest of all rows of every table of ours: equal ones mean that nothing has changed. */
export async function contentOf(sql: Sql): Promise<Readonly<Record<string, string>>> {
  const tables = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`
  const content: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await sql<[{ content: string }]>`
      SELECT concat(count(*), ' ', md5(string_agg(one::text, ',' ORDER BY one::text))) AS content FROM ${sql(name)} AS one`
    content[name] = row.content
  }
  return content
}
