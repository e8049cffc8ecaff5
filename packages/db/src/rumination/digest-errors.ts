import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { recordset } from '../recordset.ts'
import { digest_error } from '../tables/outcome.ts'

/** A rejected item on the list of errors. */
export interface ListedError {
  id: number
  /** Of its archive, 64 hexadecimal characters. */
  hash: string
  /** Null: the archive as a whole. */
  itemIndex: number | null
  itemType: string
  code: string
}

interface DayOfProject {
  projectId: ProjectId
  day: Day
}

/** What is listed of some archives of a day, in the order it was recorded. */
export async function readErrors(
  db: Db | Tx,
  { projectId, day }: DayOfProject,
  hashes: readonly string[],
): Promise<readonly ListedError[]> {
  if (hashes.length === 0) return []
  const wanted = hashes.map((hash) => ({ archive_hash: `\\x${hash}` }))
  const rows = await db.execute<ErrorRecord>(sql`
    SELECT e.id, encode(e.archive_hash, 'hex') AS hash, e.item_index, coalesce(e.item_type, '') AS item_type, e.code
    FROM ${recordset(digest_error, ['archive_hash'], wanted)}
    JOIN digest_error AS e
      ON e.project_id = ${projectId} AND e.archive_hash = r.archive_hash AND e.day = ${day}::date
    ORDER BY e.id`)
  return rows.map(({ id, hash, item_index, item_type, code }) => {
    return { id: Number(id), hash, itemIndex: item_index, itemType: item_type, code }
  })
}

/** Takes what can be read now from the list; gives how many stood there. */
export async function removeErrors(
  tx: Tx,
  { projectId }: Pick<DayOfProject, 'projectId'>,
  ids: readonly number[],
): Promise<number> {
  if (ids.length === 0) return 0
  const { count } = await tx.execute(sql`
    DELETE FROM digest_error
    WHERE project_id = ${projectId}
      AND id IN (SELECT id::bigint FROM json_array_elements_text(${JSON.stringify(ids)}::json) AS gone(id))`)
  return count
}

interface ErrorRecord extends Record<string, unknown> {
  id: string
  hash: string
  item_index: number | null
  item_type: string
  code: string
}
