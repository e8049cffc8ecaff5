import type { Sql } from 'postgres'

/** Tables that hold what was made of a project's archives, with columns that tell when somebody did so. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  report: ['digested_at'],
  transaction_event: [],
  attachment: [],
  feedback: [],
  check_in: [],
  session: [],
  session_hour: [],
  session_user_hour: [],
  client_discard_hour: [],
  issue: [],
  grouping: [],
  issue_hour: [],
  issue_tag: [],
  issue_user: [],
  activity: [],
  seen: [],
  digest_error: ['id', 'failed_at'],
}

/** A digest of everything that is stored of a project, table by table, and the sums of its ledger. */
export async function storedOf(sql: Sql, { id }: { id: string }): Promise<Readonly<Record<string, string>>> {
  const content: Record<string, string> = {}
  for (const [table, without] of Object.entries(TABLES)) {
    const [row] = await sql<[{ content: string }]>`
      SELECT concat(count(*), ' ', md5(string_agg(line, ',' ORDER BY line))) AS content
      FROM (
        SELECT (to_jsonb(one) - ${[...without]}::text[])::text AS line FROM ${sql(table)} AS one WHERE project_id = ${id}
      ) AS lines`
    content[table] = row.content
  }
  const [ledger] = await sql<[{ content: string }]>`
    SELECT string_agg(concat_ws(' ', item_type, outcome, reason, quantity), ', ' ORDER BY item_type, outcome, reason) AS content
    FROM (
      SELECT item_type, outcome, coalesce(reason, '') AS reason, sum(quantity) AS quantity
      FROM analytics.outcomes WHERE project_id = ${id} AND item_type <> 'request'
      GROUP BY item_type, outcome, coalesce(reason, '') HAVING sum(quantity) <> 0
    ) AS sums`
  return { ...content, ledger: ledger.content }
}

/** Makes the counters of a project what its reports add up to: as if those had been counted as they stand. */
export async function countAnew(sql: Sql, { id }: { id: string }): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`DELETE FROM issue_tag WHERE project_id = ${id}`
    await tx`DELETE FROM issue_hour WHERE project_id = ${id}`
    await tx`DELETE FROM issue_user WHERE project_id = ${id}`
    await tx`
      INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
      SELECT report.project_id, grouping_id, tag_key, tag_value, count(*)
      FROM report CROSS JOIN unnest(tag_ids) AS tag_id
      JOIN tag ON tag.project_id = report.project_id AND tag.id = tag_id
      WHERE report.project_id = ${id} AND tag_key <> 'user'
      GROUP BY 1, 2, 3, 4`
    await tx`
      INSERT INTO issue_hour (project_id, grouping_id, hour, event_count)
      SELECT project_id, grouping_id, date_trunc('hour', received_at, 'UTC'), count(*)
      FROM report WHERE project_id = ${id} GROUP BY 1, 2, 3`
    await tx`
      INSERT INTO issue_user (project_id, grouping_id, user_key, last_day)
      SELECT project_id, grouping_id,
        ('x' || encode(substr(sha256(convert_to(project_id || ' ' || identity, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint, max(day)
      FROM (
        SELECT report.project_id, grouping_id, day, CASE
            WHEN u.user_id IS NOT NULL THEN 'id:' || u.user_id
            WHEN u.email IS NOT NULL THEN 'email:' || u.email
            WHEN u.username IS NOT NULL THEN 'username:' || u.username
            ELSE 'ip:' || u.ip
          END AS identity
        FROM report JOIN dim_user AS u ON u.project_id = report.project_id AND u.id = report.user_id
        WHERE report.project_id = ${id}
      ) AS met
      GROUP BY 1, 2, 3`
    await tx`
      UPDATE grouping SET (
          event_count, level, first_seen, last_seen, first_release, first_release_at, last_release, last_release_at
        ) = (
          SELECT count(*), (array_agg(level ORDER BY occurred_at DESC, level DESC))[1], min(occurred_at), max(occurred_at),
            (array_agg(value ORDER BY occurred_at, value COLLATE "C") FILTER (WHERE value IS NOT NULL))[1],
            min(occurred_at) FILTER (WHERE value IS NOT NULL),
            (array_agg(value ORDER BY occurred_at DESC, value COLLATE "C" DESC) FILTER (WHERE value IS NOT NULL))[1],
            max(occurred_at) FILTER (WHERE value IS NOT NULL)
          FROM report
          LEFT JOIN dim_release AS d ON d.project_id = report.project_id AND d.id = release_id
          WHERE report.project_id = grouping.project_id AND report.grouping_id = grouping.id
        )
      WHERE project_id = ${id}`
    await tx`
      UPDATE issue SET
        (event_count, level, first_seen, last_seen, first_release, first_release_at, last_release, last_release_at) = (
          SELECT coalesce(sum(event_count), 0), coalesce((array_agg(level ORDER BY last_seen DESC, level DESC))[1], issue.level),
            coalesce(min(first_seen), issue.first_seen), coalesce(max(last_seen), issue.last_seen),
            (array_agg(first_release ORDER BY first_release_at, first_release COLLATE "C")
              FILTER (WHERE first_release IS NOT NULL))[1],
            min(first_release_at),
            (array_agg(last_release ORDER BY last_release_at DESC, last_release COLLATE "C" DESC)
              FILTER (WHERE last_release IS NOT NULL))[1],
            max(last_release_at)
          FROM grouping WHERE grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
        ),
        user_count = (
          SELECT count(DISTINCT user_key) FROM grouping
          JOIN issue_user ON issue_user.project_id = grouping.project_id AND issue_user.grouping_id = grouping.id
          WHERE grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
        )
      WHERE project_id = ${id}`
  })
}
