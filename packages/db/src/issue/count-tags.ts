import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import { chunksOf } from '../chunks-of.ts'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { issue_tag } from '../tables/issue.ts'
import { groupingRef } from './lock-issues.ts'

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
const NONE: ReadonlySet<string> = new Set()

/**
 * Adds to the tags of groupings whose issues this transaction has locked, and whose events it has counted already; no two of
 * them are the same value. The lock is what keeps the bound: nobody else can bring a value of these groupings meanwhile. `rare` are
 * groupings, by `groupingRef`, with at most `ISSUE_TAG_VALUES_MAX` events, these included: a key has no more values than that, and
 * nobody has to look how many.
 */
export async function countTags(tx: Tx, tags: readonly TagOfGrouping[], rare = NONE): Promise<void> {
  for (const some of chunksOf(tags, ROWS_MAX)) {
    await countSome(
      tx,
      some.map((tag) => ({ ...tag, is_rare: rare.has(groupingRef(tag)) })),
    )
  }
}

// Most values are known: those are counted where they are found, and only the others are looked at more closely. `NOT IN`
// compares by a hash, whatever number of rows the planner takes r for.
async function countSome(tx: Tx, tags: readonly (TagOfGrouping & { is_rare: boolean })[]): Promise<void> {
  const columns = ['project_id', 'grouping_id', 'tag_key', 'tag_value', 'event_count', 'is_rare']
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
    -- How many more values each key may have: none once it has the one for the rest. Whether a grouping is rare is told, not looked up:
    -- while statistics know of few groupings of a project, the server may read all of them for each value.
    placed AS (
      SELECT *, max(CASE WHEN place = 1 THEN (
        SELECT CASE WHEN is_rare::boolean THEN ${ISSUE_TAG_VALUES_MAX}
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
