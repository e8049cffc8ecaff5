import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'

/**
 * Unmutes the issues muted until `now` or earlier, and notes it in their timelines. In the order everybody locks issues in;
 * one that a batch of events holds is waited for, and looked at again. One that is merged into another stays muted until it is
 * by itself again. Gives their number.
 */
export async function unmuteDue(tx: Db | Tx, now: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`
  const { count } = await tx.execute(sql`
    WITH due AS MATERIALIZED (
      SELECT project_id, id FROM issue
      WHERE status = 'muted' AND muted_until <= ${at} AND merged_into IS NULL
      ORDER BY project_id, id
      FOR NO KEY UPDATE
    ),
    unmuted AS (
      UPDATE issue SET status = 'unresolved', muted_until = NULL, muted_until_count = NULL
      FROM due
      WHERE issue.project_id = due.project_id AND issue.id = due.id
      RETURNING issue.project_id, issue.id
    )
    INSERT INTO activity (project_id, issue_id, kind, at, data)
    SELECT project_id, id, 'unmuted', ${at}, '{"reason": "time"}' FROM unmuted`)
  return count
}
