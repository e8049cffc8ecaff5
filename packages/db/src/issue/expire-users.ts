import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'

/** Their issues, as many at worst, are locked while a batch is removed, and workers wait. */
const BATCH_ROWS = 1_000

/**
 * Removes the users whose last event of an issue is older than any report, and counts them off the issue: distinct users are
 * those within retention. Any number of processes may call it, while events are counted; between two batches it heeds
 * `signal`. Gives the number of rows removed.
 */
export async function expireIssueUsers(db: Db, signal?: AbortSignal): Promise<number> {
  const oldest = await oldestDay(db, ['report'])
  if (oldest === null) return 0
  let total = 0
  let found: number
  do {
    if (signal?.aborted) return total
    const batch = await removeBefore(db, oldest)
    found = batch.found
    total += batch.removed
  } while (found === BATCH_ROWS)
  return total
}

/**
 * Issues are locked first, in the order everybody locks them in: then nobody adds a user while one is removed. A row that
 * was used since it was found does not fit the condition any more.
 */
async function removeBefore(db: Db, day: Day): Promise<{ found: number; removed: number }> {
  const [row] = await db.execute<{ found: number; removed: number }>(sql`
    WITH gone AS MATERIALIZED (
      SELECT project_id, issue_id, user_key FROM issue_user
      WHERE last_day < ${day}
      ORDER BY last_day
      LIMIT ${BATCH_ROWS}
    ),
    locked AS MATERIALIZED (
      SELECT project_id, id FROM issue
      WHERE (project_id, id) IN (SELECT project_id, issue_id FROM gone)
      ORDER BY project_id, id
      FOR NO KEY UPDATE
    ),
    removed AS (
      DELETE FROM issue_user AS u
      USING gone
      WHERE u.project_id = gone.project_id AND u.issue_id = gone.issue_id AND u.user_key = gone.user_key
        AND u.last_day < ${day} AND (SELECT count(*) FROM locked) >= 0
      RETURNING u.project_id, u.issue_id
    ),
    counted AS (
      UPDATE issue SET user_count = issue.user_count - lost.users
      FROM (SELECT project_id, issue_id, count(*) AS users FROM removed GROUP BY project_id, issue_id) AS lost
      WHERE issue.project_id = lost.project_id AND issue.id = lost.issue_id
    )
    SELECT (SELECT count(*) FROM gone)::int AS found, (SELECT count(*) FROM removed)::int AS removed`)
  return row ?? { found: 0, removed: 0 }
}
