import { hash } from 'node:crypto'
import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'

/** A user who met a grouping. */
export interface UserOfGrouping {
  project_id: ProjectId
  /** The one that is locked, and that the grouping points at. */
  issue_id: number
  grouping_id: number
  /** Decimal, of 64 bits with a sign: `userKey`. */
  user_key: string
  /** UTC day of receipt, the newest one. */
  last_day: Day
}

/** Users an issue did not know before, in none of its groupings. */
export interface NewUsers {
  project_id: ProjectId
  issue_id: number
  users: number
}

/** What a user is counted by: 8 bytes of the SHA-256 of what they are known by in their project. */
export function userKey(projectId: ProjectId, identity: string): string {
  return hash('sha256', `${projectId} ${identity}`, 'buffer').readBigInt64BE().toString()
}

/**
 * Notes the users of groupings whose issues this transaction has locked, no two alike, and says how many of them are new to
 * each issue. Issues without a new user are not in the answer.
 */
export async function countUsers(tx: Tx, users: readonly UserOfGrouping[]): Promise<readonly NewUsers[]> {
  if (users.length === 0) return []
  // A row that an upsert inserted has no xmax; that is the only thing both of its ways leave behind before PostgreSQL 18.
  // Only who is new to a grouping is looked for in the others; what this statement inserts it does not see itself. All users
  // of an issue at once: one look into each of its groupings then, and not one for each user. OFFSET 0 keeps it that way: joined
  // by the users first, all of a project's groupings were searched for each of them, 0.3 ms an event.
  const rows = await tx.execute<{ project_id: ProjectId; issue_id: string; users: number }>(sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM json_to_recordset(${JSON.stringify(users)}::json)
        AS r(project_id bigint, issue_id bigint, grouping_id bigint, user_key bigint, last_day date)
    ),
    met AS (
      INSERT INTO issue_user (project_id, grouping_id, user_key, last_day)
      SELECT project_id, grouping_id, user_key, last_day FROM r
      ORDER BY project_id, grouping_id, user_key
      ON CONFLICT (project_id, grouping_id, user_key)
      DO UPDATE SET last_day = excluded.last_day WHERE issue_user.last_day < excluded.last_day
      RETURNING project_id, grouping_id, user_key, xmax = 0 AS is_new
    ),
    novel AS MATERIALIZED (
      SELECT r.project_id, r.issue_id, array_agg(DISTINCT r.user_key) AS user_keys
      FROM met JOIN r USING (project_id, grouping_id, user_key)
      WHERE met.is_new
      GROUP BY r.project_id, r.issue_id
    ),
    counted AS MATERIALIZED (
      SELECT project_id, issue_id, cardinality(user_keys) - (
        SELECT count(DISTINCT known.user_key)::int
        FROM grouping
        CROSS JOIN LATERAL (
          SELECT user_key FROM issue_user
          WHERE issue_user.project_id = grouping.project_id AND issue_user.grouping_id = grouping.id
            AND issue_user.user_key = ANY (novel.user_keys)
          OFFSET 0
        ) AS known
        WHERE grouping.project_id = novel.project_id AND grouping.issue_id = novel.issue_id
      ) AS users
      FROM novel
    )
    SELECT project_id, issue_id, users FROM counted WHERE users > 0`)
  return rows.map((row) => ({ ...row, issue_id: Number(row.issue_id) }))
}
