import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import { chunksOf } from '../chunks-of.ts'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { issue_tag } from '../tables/issue.ts'

/** Events of a grouping with one value of a tag. */
export interface TagOfGrouping {
  project_id: ProjectId
  grouping_id: number
  tag_key: string
  tag_value: string
  event_count: number
}

/** Values counted by themselves, of one key of one grouping; the rest are one more, `OTHER`. */
export const ISSUE_TAG_VALUES_MAX = 100
const OTHER = '(other)'
/** Of one statement. */
const ROWS_MAX = 10_000

/**
 * Adds to the tags of groupings whose issues this transaction has locked, and whose events it has counted already; no two of
 * them are the same value. The lock is what keeps the bound: nobody else can bring a value of these groupings meanwhile.
 */
export async function countTags(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  for (const some of chunksOf(tags, ROWS_MAX)) await countSome(tx, some)
}

// Most values are known: those are counted where they are found, and only the others are looked at more closely. `NOT IN`
// compares by a hash, whatever number of rows the planner takes r for.
async function countSome(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  const columns = ['project_id', 'grouping_id', 'tag_key', 'tag_value', 'event_count']
  await tx.execute(sql`
    WITH r AS MATERIALIZED (
      SELECT *, row_number() OVER () AS n FROM ${recordset(issue_tag, columns, tags)}
    ),
    known AS (
      UPDATE issue_tag SET event_count = issue_tag.event_count + r.event_count
      FROM r
      WHERE issue_tag.project_id = r.project_id AND issue_tag.grouping_id = r.grouping_id
        AND issue_tag.tag_key = r.tag_key AND issue_tag.tag_value = r.tag_value AND r.tag_value <> ${OTHER}
      RETURNING r.n
    ),
    novel AS MATERIALIZED (
      SELECT r.*, row_number() OVER (PARTITION BY project_id, grouping_id, tag_key ORDER BY tag_value = ${OTHER}, tag_value) AS place
      FROM r
      WHERE n NOT IN (SELECT n FROM known)
    ),
    -- A key has no more values than its grouping has events, and none to spare once there is the one for the rest: its values
    -- are looked at only where neither says enough.
    placed AS (
      SELECT *, max(CASE WHEN place = 1 THEN (
        SELECT CASE WHEN (
          SELECT event_count FROM grouping
          WHERE grouping.project_id = novel.project_id AND grouping.id = novel.grouping_id
        ) <= ${ISSUE_TAG_VALUES_MAX} THEN ${ISSUE_TAG_VALUES_MAX}
        WHEN EXISTS (
          SELECT FROM issue_tag
          WHERE issue_tag.project_id = novel.project_id AND issue_tag.grouping_id = novel.grouping_id
            AND issue_tag.tag_key = novel.tag_key AND issue_tag.tag_value = ${OTHER}
        ) THEN 0 ELSE ${ISSUE_TAG_VALUES_MAX} - (
          SELECT count(*) FROM issue_tag
          WHERE issue_tag.project_id = novel.project_id AND issue_tag.grouping_id = novel.grouping_id
            AND issue_tag.tag_key = novel.tag_key
        ) END
      ) END) OVER (PARTITION BY project_id, grouping_id, tag_key) AS places
      FROM novel
    )
    INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
    SELECT project_id, grouping_id, tag_key, value, sum(event_count)
    FROM placed, LATERAL (SELECT CASE WHEN place > places THEN ${OTHER} ELSE tag_value END AS value) AS v
    GROUP BY project_id, grouping_id, tag_key, value
    ORDER BY project_id, grouping_id, tag_key, value
    ON CONFLICT (project_id, grouping_id, tag_key, tag_value)
    DO UPDATE SET event_count = issue_tag.event_count + excluded.event_count`)
}
