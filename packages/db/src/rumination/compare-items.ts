import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import type { Db, Tx } from '../connect.ts'
import type { Day } from '../partition/day.ts'
import { columnList, type Row, recordset } from '../recordset.ts'
import { attachment, check_in, feedback, transaction_event } from '../tables/item.ts'

/** The tables of items beside events that have a row of their own. */
export const ITEM_TABLES = { transaction: transaction_event, attachment, feedback, check_in } as const
export type ItemTable = keyof typeof ITEM_TABLES

/** Where an item stands in a day's archives. */
export interface ItemPlace {
  /** 64 hexadecimal characters. */
  hash: string
  itemIndex: number
}

/** An item whose row is not what it should be. */
export interface ComparedItem extends ItemPlace {
  /** `surplus`: nothing in the archive is that any more. */
  state: 'differs' | 'missing' | 'surplus'
  /** Of a row that differs: the stored columns that do, as JSON has them. */
  stored: Readonly<Record<string, unknown>> | null
}

interface ArchivesOfPage {
  projectId: ProjectId
  day: Day
  hashes: readonly string[]
  /** Ids that transactions of these archives may have, beside those of `rows`. */
  eventIds: readonly string[]
}

const PLACE = new Set(['project_id', 'day', 'archive_hash', 'item_index', 'received_at'])

/** What an item's row says of it, column by column. */
export function itemColumns(name: ItemTable): readonly string[] {
  return getTableConfig(ITEM_TABLES[name])
    .columns.map((column) => column.name)
    .filter((column) => !PLACE.has(column))
}

/** Compares rows of one table with all that is stored of some archives; what is as it should be is left out. */
export async function compareItems(
  db: Db | Tx,
  page: ArchivesOfPage,
  name: ItemTable,
  rows: readonly Row[],
): Promise<readonly ComparedItem[]> {
  const table: PgTable = ITEM_TABLES[name]
  const columns = itemColumns(name)
  const compared = await db.execute<ComparedRecord>(sql`
    WITH wanted AS MATERIALIZED (
      SELECT * FROM ${recordset(table, ['archive_hash', 'item_index', ...columns], rows)}
    ),
    known AS MATERIALIZED (${knownOf(page, name, rows)})
    SELECT encode(coalesce(known.archive_hash, wanted.archive_hash), 'hex') AS hash,
      coalesce(known.item_index, wanted.item_index) AS item_index,
      CASE
        WHEN known.archive_hash IS NULL THEN 'missing'
        WHEN wanted.archive_hash IS NULL THEN 'surplus'
        ELSE 'differs'
      END AS state,
      CASE WHEN known.archive_hash IS NOT NULL AND wanted.archive_hash IS NOT NULL THEN (
        SELECT jsonb_object_agg(one.key, one.value)
        FROM jsonb_each(to_jsonb(known)) AS one
        WHERE one.value IS DISTINCT FROM to_jsonb(wanted)->one.key
      ) END AS stored
    FROM known
    FULL JOIN wanted ON wanted.archive_hash = known.archive_hash AND wanted.item_index = known.item_index
    WHERE known.archive_hash IS NULL OR wanted.archive_hash IS NULL
      OR (${columnList(columns, 'known.')}) IS DISTINCT FROM (${columnList(columns, 'wanted.')})`)
  return compared.map(({ hash, item_index, state, stored }) => ({ hash, itemIndex: item_index, state, stored }))
}

/** Transactions are found by their ids alone: those the archives' envelopes name, and those asked for. */
function knownOf({ projectId, day, hashes, eventIds }: ArchivesOfPage, name: ItemTable, rows: readonly Row[]) {
  const table: PgTable = ITEM_TABLES[name]
  const columns = columnList(['archive_hash', 'item_index', ...itemColumns(name)], 't.')
  const ofPage = sql`t.project_id = ${projectId} AND t.day = ${day}::date AND t.archive_hash IN (
    SELECT decode(hash, 'hex') FROM json_array_elements_text(${JSON.stringify(hashes)}::json) AS page(hash)
  )`
  if (name !== 'transaction') return sql`SELECT ${columns} FROM ${table} AS t WHERE ${ofPage}`
  const ids = [...eventIds, ...rows.flatMap((row) => ('event_id' in row ? [row.event_id] : []))]
  return sql`SELECT ${columns} FROM ${table} AS t WHERE ${ofPage} AND t.event_id IN (
    SELECT id::uuid FROM json_array_elements_text(${JSON.stringify(ids)}::json) AS one(id)
  )`
}

interface ComparedRecord extends Record<string, unknown> {
  hash: string
  item_index: number
  state: ComparedItem['state']
  stored: Record<string, unknown> | null
}
