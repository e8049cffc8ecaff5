import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import type { Day } from '../partition/day.ts'
import { columnList, type Row, recordset } from '../recordset.ts'
import { seen } from '../tables/archive.ts'
import { ITEM_TABLES, type ItemPlace, type ItemTable, itemColumns } from './compare-items.ts'

export interface ItemChanges {
  projectId: ProjectId
  day: Day
  /** Rows as they should be, with the place they stand in. */
  changed: readonly Row[]
  added: readonly Row[]
  removed: readonly ItemPlace[]
}

/** Changes, adds and removes rows of a table of items. What is added was claimed. */
export async function changeItems(tx: Tx, name: ItemTable, changes: ItemChanges): Promise<void> {
  const { projectId, day, changed, added, removed } = changes
  const table: PgTable = ITEM_TABLES[name]
  const isThere = sql`${table}.project_id = ${projectId} AND ${table}.day = ${day}::date
    AND ${table}.archive_hash = r.archive_hash AND ${table}.item_index = r.item_index`
  if (removed.length > 0) {
    const rows = removed.map(({ hash, itemIndex }) => ({ archive_hash: `\\x${hash}`, item_index: itemIndex }))
    await tx.execute(sql`
      DELETE FROM ${table} USING ${recordset(table, ['archive_hash', 'item_index'], rows)} WHERE ${isThere}`)
  }
  if (changed.length > 0) {
    const columns = itemColumns(name)
    await tx.execute(sql`
      UPDATE ${table} SET (${columnList(columns)}) = ROW(${columnList(columns, 'r.')})
      FROM ${recordset(table, ['archive_hash', 'item_index', ...columns], changed)} WHERE ${isThere}`)
  }
  await insertRows(tx, table, added)
}

/** Forgets that something was counted that is not there any more: should it be read again one day, it counts again. */
export async function forgetClaims(tx: Tx, projectId: ProjectId, keys: readonly EventId[]): Promise<void> {
  if (keys.length === 0) return
  await tx.execute(sql`
    DELETE FROM seen
    USING ${recordset(
      seen,
      ['key'],
      keys.map((key) => ({ key })),
    )}
    WHERE seen.project_id = ${projectId} AND seen.key = r.key`)
}

/** Locks archives until the transaction ends, so that nobody erases them meanwhile; gives those that have a body. */
export async function holdArchives(
  tx: Tx,
  { projectId, day }: { projectId: ProjectId; day: Day },
  hashes: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await tx.execute<{ hash: string }>(sql`
    SELECT encode(archive.hash, 'hex') AS hash
    FROM archive
    WHERE archive.project_id = ${projectId} AND archive.day = ${day}::date AND archive.body IS NOT NULL
      AND archive.hash IN (
        SELECT decode(hash, 'hex') FROM json_array_elements_text(${JSON.stringify(hashes)}::json) AS page(hash)
      )
    ORDER BY archive.hash
    FOR SHARE`)
  return new Set(rows.map(({ hash }) => hash))
}
