import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { NewUsers } from '../issue/count-users.ts'
import type { Day } from '../partition/day.ts'

/** A user of whom events of one day have left a grouping. */
export interface LeavingUser {
  /** The issue that is locked, and that the grouping points at. */
  issue_id: number
  grouping_id: number
  /** Decimal, of 64 bits with a sign: `userKey`. */
  user_key: string
  /** What it is the key of: `identityOf`. */
  identity: string
}

/**
 * Takes users out of groupings whose issues this transaction has locked, and whose reports have left: who has a report left
 * there stays, as of that one's day. Gives how many each issue has lost, having no event of theirs in any grouping.
 *
 * Reports leave day by day, oldest first: who was seen there after `day` is there still, and only reports up to it are looked
 * at. That is what nothing could be known of, and what is left of this day.
 */
export async function takeUsers(
  tx: Tx,
  { projectId, day }: { projectId: ProjectId; day: Day },
  users: readonly LeavingUser[],
): Promise<readonly NewUsers[]> {
  if (users.length === 0) return []
  const rows = await tx.execute<{ project_id: ProjectId; issue_id: string; users: number }>(sql`
    WITH leaving AS MATERIALIZED (
      SELECT r.*
      FROM json_to_recordset(${JSON.stringify(users)}::json)
        AS r(issue_id bigint, grouping_id bigint, user_key bigint, identity text)
      JOIN issue_user AS noted
        ON noted.project_id = ${projectId} AND noted.grouping_id = r.grouping_id AND noted.user_key = r.user_key
      WHERE noted.last_day <= ${day}::date
    ),
    met AS MATERIALIZED (
      SELECT report.grouping_id, report.user_id, max(report.day) AS last_day
      FROM (SELECT DISTINCT grouping_id FROM leaving) AS place
      JOIN report
        ON report.project_id = ${projectId} AND report.grouping_id = place.grouping_id AND report.day <= ${day}::date
      GROUP BY report.grouping_id, report.user_id
    ),
    known AS MATERIALIZED (
      SELECT met.grouping_id, met.last_day, CASE
          WHEN dim_user.user_id IS NOT NULL THEN 'id:' || dim_user.user_id
          WHEN dim_user.email IS NOT NULL THEN 'email:' || dim_user.email
          WHEN dim_user.username IS NOT NULL THEN 'username:' || dim_user.username
          ELSE 'ip:' || dim_user.ip
        END AS identity
      FROM met JOIN dim_user ON dim_user.project_id = ${projectId} AND dim_user.id = met.user_id
    ),
    -- IS TRUE makes one hash table of it. A plan that expects a few rows compares each with each, for seconds.
    left_over AS MATERIALIZED (
      SELECT leaving.grouping_id, leaving.user_key, max(known.last_day) AS last_day
      FROM known JOIN leaving USING (grouping_id, identity)
      WHERE (known.identity IN (SELECT identity FROM leaving)) IS TRUE
      GROUP BY leaving.grouping_id, leaving.user_key
    ),
    moved_back AS (
      UPDATE issue_user SET last_day = left_over.last_day
      FROM left_over
      WHERE issue_user.project_id = ${projectId} AND issue_user.grouping_id = left_over.grouping_id
        AND issue_user.user_key = left_over.user_key AND issue_user.last_day > left_over.last_day
    ),
    removed AS (
      DELETE FROM issue_user USING leaving
      WHERE issue_user.project_id = ${projectId} AND issue_user.grouping_id = leaving.grouping_id
        AND issue_user.user_key = leaving.user_key
        AND NOT EXISTS (
          SELECT FROM left_over
          WHERE left_over.grouping_id = leaving.grouping_id AND left_over.user_key = leaving.user_key
        )
      RETURNING leaving.issue_id, leaving.grouping_id, leaving.user_key
    )
    -- What the statement removes it still sees: who is gone is who is in the issue with no other row than these.
    SELECT ${projectId}::bigint AS project_id, issue_id, count(DISTINCT user_key)::int AS users
    FROM removed
    WHERE (
      SELECT true
      FROM grouping
      JOIN issue_user AS other ON other.project_id = grouping.project_id AND other.grouping_id = grouping.id
      WHERE grouping.project_id = ${projectId} AND grouping.issue_id = removed.issue_id
        AND other.user_key = removed.user_key
        AND NOT EXISTS (
          SELECT FROM removed AS also
          WHERE also.grouping_id = other.grouping_id AND also.user_key = other.user_key
        )
      LIMIT 1
    ) IS NULL
    GROUP BY issue_id`)
  return rows.map((row) => ({ ...row, issue_id: Number(row.issue_id) }))
}
