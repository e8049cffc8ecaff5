import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { OTHER } from '../dimension/dimensions.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'
import type { IssueRow } from './hold-issue.ts'

/** How an issue is called in a list. */
export type Called = Pick<IssueRow, 'title' | 'culprit' | 'type' | 'value'>

/** In code points, as of every other issue. */
const TITLE_CHARS_MAX = 200
const CULPRIT_CHARS_MAX = 200
const VALUE_CHARS_MAX = 1024
const LINE_CHARS_MAX = 100

/**
 * What an issue of these groupings is called, after the newest report of theirs. Null: they have none any more, or it names
 * no exception, and what a message said is only in its archive.
 */
export async function describeNewest(
  tx: Tx,
  projectId: number,
  groupingIds: readonly number[],
): Promise<Called | null> {
  const wanted = groupingIds.map((id) => ({ id }))
  const [row] = await tx.execute<{ type: string | null; value: string | null; culprit: string }>(sql`
    SELECT type.value AS type, message.value AS value,
      coalesce(transaction.value, frame.module || coalesce(' in ' || frame.function, ''), frame.function, '') AS culprit
    FROM ${recordset(grouping, ['id'], wanted)}
    CROSS JOIN LATERAL (
      SELECT * FROM report
      WHERE report.project_id = ${projectId} AND report.grouping_id = r.id
      ORDER BY report.received_at DESC
      LIMIT 1
    ) AS newest
    LEFT JOIN dim_exception_type AS type ON type.project_id = ${projectId} AND type.id = newest.exception_type_id
    LEFT JOIN dim_exception_message AS message
      ON message.project_id = ${projectId} AND message.id = newest.exception_message_id
    LEFT JOIN dim_transaction AS transaction
      ON transaction.project_id = ${projectId} AND transaction.id = newest.transaction_id
    LEFT JOIN dim_top_frame AS frame ON frame.project_id = ${projectId} AND frame.id = newest.top_frame_id
    ORDER BY newest.received_at DESC
    LIMIT 1`)
  if (!row || row.type === null || row.type === OTHER) return null
  const value = row.value === null || row.value === OTHER ? null : cut(row.value, VALUE_CHARS_MAX)
  const line = cut((value ?? '').trim().split('\n', 1)[0] ?? '', LINE_CHARS_MAX)
  const title = cut(line === '' ? row.type : `${row.type}: ${line}`, TITLE_CHARS_MAX)
  const culprit = row.culprit === OTHER ? '' : cut(row.culprit, CULPRIT_CHARS_MAX)
  return { title, culprit, type: row.type, value }
}

/** Between code points, so that no half of a surrogate pair is left. */
function cut(text: string, charsMax: number): string {
  const chars = Array.from(text)
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 1).join('')}…`
}
