import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping } from '../tables/issue.ts'

/** A grouping key's address: its project and the SHA-256 of the key in PostgreSQL's hex text. */
export interface GroupingAddress {
  project_id: ProjectId
  key_hash: string
}

/** Ids of the groupings that exist, by `groupingAddress`. */
export async function findGroupings(
  db: Db | Tx,
  wanted: readonly GroupingAddress[],
): Promise<ReadonlyMap<string, number>> {
  if (wanted.length === 0) return new Map()
  const rows = await db.execute<{ project_id: ProjectId; key_hash: string; id: string }>(sql`
    SELECT grouping.project_id, '\\x' || encode(grouping.key_hash, 'hex') AS key_hash, grouping.id
    FROM ${recordset(grouping, ['project_id', 'key_hash'], wanted.map(addressOnly))}
    JOIN grouping ON grouping.project_id = r.project_id AND grouping.key_hash = r.key_hash`)
  return new Map(rows.map((row) => [groupingAddress(row), Number(row.id)]))
}

function addressOnly({ project_id, key_hash }: GroupingAddress): GroupingAddress {
  return { project_id, key_hash }
}

export function groupingAddress({ project_id, key_hash }: GroupingAddress): string {
  return `${project_id} ${key_hash}`
}
