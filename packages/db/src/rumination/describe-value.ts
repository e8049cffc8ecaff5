import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { DIMENSIONS } from '../dimension/dimensions.ts'
import { columnList } from '../recordset.ts'

/** A dimension's values of these ids, in their order: columns with a blank between them. Those that are gone are left out. */
export async function describeValues(
  db: Db,
  projectId: ProjectId,
  dimensionName: string,
  ids: readonly number[],
): Promise<readonly string[]> {
  const dimension = DIMENSIONS.entries().find(([name]) => name === dimensionName)?.[1]
  if (dimension === undefined || ids.length === 0) return []
  const { table, columns, perProject } = dimension
  const isOfProject = perProject ? sql`AND d.project_id = ${projectId}` : sql``
  const rows = await db.execute<{ text: string }>(sql`
    SELECT concat_ws(' ', ${columnList(columns, 'd.')}) AS text
    FROM json_array_elements_text(${JSON.stringify(ids)}::json) WITH ORDINALITY AS wanted(id, place)
    JOIN ${table} AS d ON d.id = wanted.id::bigint ${isOfProject}
    ORDER BY wanted.place`)
  return rows.map(({ text }) => text)
}
