import { sql } from 'drizzle-orm'
import { chunksOf } from '../chunks-of.ts'
import type { Tx } from '../connect.ts'
import { OTHER } from '../dimension/dimensions.ts'
import type { HourOfGrouping } from '../issue/count-hours.ts'
import type { TagOfGrouping } from '../issue/count-tags.ts'
import { recordset } from '../recordset.ts'
import { issue_hour, issue_tag } from '../tables/issue.ts'

/** Takes events out of hours of groupings whose issues this transaction has locked; an hour without any goes. */
export async function takeHours(tx: Tx, hours: readonly HourOfGrouping[]): Promise<void> {
  if (hours.length === 0) return
  const columns = ['project_id', 'grouping_id', 'hour', 'event_count']
  await tx.execute(sql`
    WITH taken AS MATERIALIZED (
      SELECT * FROM ${recordset(issue_hour, columns, hours)}
    ),
    emptied AS (
      DELETE FROM issue_hour USING taken
      WHERE issue_hour.project_id = taken.project_id AND issue_hour.grouping_id = taken.grouping_id
        AND issue_hour.hour = taken.hour AND issue_hour.event_count <= taken.event_count
    )
    UPDATE issue_hour SET event_count = issue_hour.event_count - taken.event_count
    FROM taken
    WHERE issue_hour.project_id = taken.project_id AND issue_hour.grouping_id = taken.grouping_id
      AND issue_hour.hour = taken.hour AND issue_hour.event_count > taken.event_count`)
}

/** Of one statement. */
const ROWS_MAX = 10_000

/** The same with tags. What a value has not been counted by itself for stands among the others of its key. */
export async function takeTags(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  for (const some of chunksOf(tags, ROWS_MAX)) await takeSome(tx, some)
}

async function takeSome(tx: Tx, tags: readonly TagOfGrouping[]): Promise<void> {
  const columns = ['project_id', 'grouping_id', 'tag_key', 'tag_value', 'event_count']
  await tx.execute(sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM ${recordset(issue_tag, columns, tags)}
    ),
    own AS MATERIALIZED (
      SELECT r.*, least(r.event_count, coalesce(known.event_count, 0)) AS counted
      FROM r
      LEFT JOIN issue_tag AS known
        ON known.project_id = r.project_id AND known.grouping_id = r.grouping_id
          AND known.tag_key = r.tag_key AND known.tag_value = r.tag_value
    ),
    taken AS MATERIALIZED (
      SELECT project_id, grouping_id, tag_key, tag_value, sum(event_count) AS event_count
      FROM (
        SELECT project_id, grouping_id, tag_key, tag_value, counted AS event_count FROM own
        UNION ALL
        SELECT project_id, grouping_id, tag_key, ${OTHER}, event_count - counted FROM own
      ) AS part
      WHERE event_count > 0
      GROUP BY project_id, grouping_id, tag_key, tag_value
    ),
    emptied AS (
      DELETE FROM issue_tag USING taken
      WHERE issue_tag.project_id = taken.project_id AND issue_tag.grouping_id = taken.grouping_id
        AND issue_tag.tag_key = taken.tag_key AND issue_tag.tag_value = taken.tag_value
        AND issue_tag.event_count <= taken.event_count
    )
    UPDATE issue_tag SET event_count = issue_tag.event_count - taken.event_count
    FROM taken
    WHERE issue_tag.project_id = taken.project_id AND issue_tag.grouping_id = taken.grouping_id
      AND issue_tag.tag_key = taken.tag_key AND issue_tag.tag_value = taken.tag_value
      AND issue_tag.event_count > taken.event_count`)
}
