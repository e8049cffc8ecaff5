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
 * Adds to the tags of groupings whose issues this transaction has locked; no two of them are the same value. The lock is
 * what keeps the bound: nobody else can bring a value of these groupings meanwhile.
 */
export async function countTags(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  for (const some of chunksOf(tags, ROWS_MAX)) await countSome(tx, some)
}

async function countSome(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  const columns = ['project_id', 'grouping_id', 'tag_key', 'tag_value', 'event_count']
  await tx.execute(sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM ${recordset(issue_tag, columns, tags)}
    ),
    novel AS (
      SELECT r.*, row_number() OVER (PARTITION BY project_id, grouping_id, tag_key ORDER BY tag_value) AS place
      FROM r
      WHERE NOT EXISTS (
        SELECT FROM issue_tag AS known
        WHERE known.project_id = r.project_id AND known.grouping_id = r.grouping_id
          AND known.tag_key = r.tag_key AND known.tag_value = r.tag_value
      )
    ),
    -- One look at a key's values in the index, and only where it has a new one.
    taken AS (
      SELECT key.project_id, key.grouping_id, key.tag_key, (
        SELECT count(*) FROM issue_tag AS known
        WHERE known.project_id = key.project_id AND known.grouping_id = key.grouping_id
          AND known.tag_key = key.tag_key AND known.tag_value <> ${OTHER}
      ) AS values
      FROM (SELECT DISTINCT project_id, grouping_id, tag_key FROM novel) AS key
    ),
    placed AS (
      SELECT r.project_id, r.grouping_id, r.tag_key, r.event_count,
        CASE WHEN novel.place + taken.values > ${ISSUE_TAG_VALUES_MAX} THEN ${OTHER} ELSE r.tag_value END AS tag_value
      FROM r
      LEFT JOIN novel USING (project_id, grouping_id, tag_key, tag_value)
      LEFT JOIN taken USING (project_id, grouping_id, tag_key)
    )
    INSERT INTO issue_tag (project_id, grouping_id, tag_key, tag_value, event_count)
    SELECT project_id, grouping_id, tag_key, tag_value, sum(event_count)
    FROM placed
    GROUP BY project_id, grouping_id, tag_key, tag_value
    ORDER BY project_id, grouping_id, tag_key, tag_value
    ON CONFLICT (project_id, grouping_id, tag_key, tag_value)
    DO UPDATE SET event_count = issue_tag.event_count + excluded.event_count`)
}
