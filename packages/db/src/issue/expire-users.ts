import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'
import { recordset } from '../recordset.ts'
import { grouping, issue_user } from '../tables/issue.ts'

/** Their issues, as many at worst, are locked while a batch is removed, and workers wait. */
const BATCH_ROWS = 1_000

/**
 * Removes the users whose last event of a grouping is older than any report, and counts off the issue who is left in none of
 * its groupings: distinct users are those within retention. Any number of processes may call it, while events are counted
 * and issues merged; between two batches it heeds `signal`. Gives the number of rows removed.
 */
export async function expireIssueUsers(db: Db, signal?: AbortSignal): Promise<number> {
  const oldest = await oldestDay(db, ['report'])
  return oldest === null ? 0 : await removeOld(db, { day: oldest, find: findOld }, signal)
}

/** The same of one project, whose reports before `oldest` were deleted while those of others stay. */
export async function expireIssueUsersOf(
  db: Db,
  { projectId, oldest }: { projectId: ProjectId; oldest: Day },
  signal?: AbortSignal,
): Promise<number> {
  return await removeOld(db, { day: oldest, find: findOldOf(projectId) }, signal)
}

/** Finds a batch at most of users last met before the day. */
type Find = (tx: Tx, day: Day) => Promise<readonly OldUser[]>

async function removeOld(db: Db, { day, find }: { day: Day; find: Find }, signal?: AbortSignal): Promise<number> {
  let total = 0
  let found: number
  let removed: number
  do {
    if (signal?.aborted) return total
    ;({ found, removed } = await db.transaction((tx) => removeBefore(tx, day, find)))
    total += removed
    // None of a whole batch: others are moving their groupings, and the next call has them.
  } while (found === BATCH_ROWS && removed > 0)
  return total
}

interface OldUser {
  project_id: ProjectId
  grouping_id: string
  user_key: string
}

/** A grouping and the issue it pointed at when that was locked. */
interface Pointer {
  project_id: ProjectId
  id: string
  issue_id: string
}

const findOld: Find = async (tx, day) =>
  await tx.execute<OldUser & Record<string, unknown>>(sql`
    SELECT project_id, grouping_id, user_key FROM issue_user
    WHERE last_day < ${day}
    ORDER BY last_day
    LIMIT ${BATCH_ROWS}`)

/** By key, not by day: in the order of days those of all other projects would be read again with each batch. */
function findOldOf(projectId: ProjectId): Find {
  let after: Pick<OldUser, 'grouping_id' | 'user_key'> | undefined
  return async (tx, day) => {
    const isNext = after
      ? sql`AND (grouping_id, user_key) > (${after.grouping_id}::bigint, ${after.user_key}::bigint)`
      : sql``
    const old = await tx.execute<OldUser & Record<string, unknown>>(sql`
      SELECT project_id, grouping_id, user_key FROM issue_user
      WHERE project_id = ${projectId} AND last_day < ${day} ${isNext}
      ORDER BY grouping_id, user_key
      LIMIT ${BATCH_ROWS}`)
    after = old.at(-1)
    return old
  }
}

async function removeBefore(tx: Tx, day: Day, find: Find): Promise<{ found: number; removed: number }> {
  const old = await find(tx, day)
  if (old.length === 0) return { found: 0, removed: 0 }
  const pointers = await lockIssuesOf(tx, old)
  return { found: old.length, removed: await remove(tx, { day, old, pointers }) }
}

/** In the order everybody locks issues in: then nobody adds a user while one is removed. */
async function lockIssuesOf(tx: Tx, users: readonly OldUser[]): Promise<readonly Pointer[]> {
  return await tx.execute<Pointer & Record<string, unknown>>(sql`
    WITH wanted AS (
      SELECT DISTINCT r.project_id, r.grouping_id
      FROM ${recordset(issue_user, ['project_id', 'grouping_id'], users)}
    ),
    pointer AS MATERIALIZED (
      SELECT grouping.project_id, grouping.id, grouping.issue_id
      FROM wanted JOIN grouping ON grouping.project_id = wanted.project_id AND grouping.id = wanted.grouping_id
    )
    SELECT pointer.project_id, pointer.id, pointer.issue_id
    FROM pointer JOIN issue ON issue.project_id = pointer.project_id AND issue.id = pointer.issue_id
    ORDER BY issue.project_id, issue.id
    FOR NO KEY UPDATE OF issue`)
}

/**
 * A row that was used since it was found does not fit the condition any more, nor does one whose grouping was moved to
 * another issue before its own was locked: the next batch finds that one again. What the first part deletes, the second
 * still sees: who is left is who is in the issue with another row than these.
 */
async function remove(
  tx: Tx,
  { day, old, pointers }: { day: Day; old: readonly OldUser[]; pointers: readonly Pointer[] },
): Promise<number> {
  const [row] = await tx.execute<{ removed: number }>(sql`
    WITH held AS MATERIALIZED (
      SELECT grouping.project_id, grouping.id, grouping.issue_id
      FROM ${recordset(grouping, ['project_id', 'id', 'issue_id'], pointers)}
      JOIN grouping ON grouping.project_id = r.project_id AND grouping.id = r.id AND grouping.issue_id = r.issue_id
    ),
    removed AS (
      DELETE FROM issue_user
      USING ${recordset(issue_user, ['project_id', 'grouping_id', 'user_key'], old)}
      JOIN held ON held.project_id = r.project_id AND held.id = r.grouping_id
      WHERE issue_user.project_id = r.project_id AND issue_user.grouping_id = r.grouping_id
        AND issue_user.user_key = r.user_key AND issue_user.last_day < ${day}
      RETURNING issue_user.project_id, held.issue_id, issue_user.grouping_id, issue_user.user_key
    ),
    gone AS MATERIALIZED (
      SELECT project_id, issue_id, array_agg(DISTINCT user_key) AS user_keys FROM removed GROUP BY project_id, issue_id
    ),
    lost AS (
      SELECT project_id, issue_id, cardinality(user_keys) - (
        SELECT count(DISTINCT known.user_key)
        FROM grouping
        JOIN issue_user AS known
          ON known.project_id = grouping.project_id AND known.grouping_id = grouping.id
            AND known.user_key = ANY (gone.user_keys)
        WHERE grouping.project_id = gone.project_id AND grouping.issue_id = gone.issue_id
          AND (known.project_id, known.grouping_id, known.user_key) NOT IN (
            SELECT project_id, grouping_id, user_key FROM removed
          )
      ) AS users
      FROM gone
    ),
    counted AS (
      UPDATE issue SET user_count = issue.user_count - lost.users
      FROM lost
      WHERE issue.project_id = lost.project_id AND issue.id = lost.issue_id
    )
    SELECT count(*)::int AS removed FROM removed`)
  return row?.removed ?? 0
}
