import type { Db } from '@rumen/db/connect'
import { describeValues } from '@rumen/db/rumination/describe-value'
import type { ProjectId } from '@rumen/protocol/brand'
import { type Event, LEVELS } from '@rumen/protocol/event'
import { DIMENSION_VALUES } from '@rumen/rows/dimension-values'
import { ownRow, ungroupedRow } from '@rumen/rows/item-rows'
import type { NamedEvent, ReadyItem } from '@rumen/rows/ready-batch'
import type { ChunkDifference } from './compare-chunk.ts'

/** One thing that would change of one event, or of another item by its place. */
export interface Example {
  /** An event's id; of another item `hash/index`. */
  item: string
  /** `table.column`, or the table alone, where a row is added or removed. */
  what: string
  old: string | null
  new: string | null
}

/** The first things a difference says, at most so many. */
export async function examplesOf(
  db: Db,
  projectId: ProjectId,
  { reports, items, added }: ChunkDifference,
  countMax: number,
): Promise<readonly Example[]> {
  const changed = reports.changed.flatMap(({ event, stored }) =>
    Object.entries(stored).map(([column, old]) => ({ event, column, old })),
  )
  const examples: Example[] = []
  for (const { event, column, old } of changed.slice(0, countMax)) {
    examples.push({
      item: event.item.key,
      what: `report.${column}`,
      old: await oldText(db, projectId, column, old),
      new: newText(event, column),
    })
  }
  const others = items.flatMap(({ table, changed, removed }) => [
    ...changed.flatMap(({ item, stored }) => changesOf(table, item, stored)),
    ...removed.map(({ hash, itemIndex }) => ({ item: `${hash}/${itemIndex}`, what: table, old: 'stored', new: null })),
  ])
  const additions = added.map(({ archive, item }) => ({
    item: item.kind === 'event' ? item.key : `${archive.hash}/${item.itemIndex}`,
    what: item.kind === 'event' ? 'report' : item.kind,
    old: null,
    new: 'stored',
  }))
  return [...examples, ...others, ...additions].slice(0, countMax)
}

function changesOf(table: string, one: ReadyItem, stored: Readonly<Record<string, unknown>>): Example[] {
  const row = new Map<string, unknown>(Object.entries(ownRow(one)?.row ?? {}))
  return Object.entries(stored).map(([column, old]) => ({
    item: `${one.archive.hash}/${one.item.itemIndex}`,
    what: `${table}.${column}`,
    old: textOf(column, old),
    new: textOf(column, row.get(column)),
  }))
}

async function oldText(db: Db, projectId: ProjectId, column: string, old: unknown): Promise<string | null> {
  const ids = [old].flat().filter((id) => typeof id === 'number')
  if (column === 'tag_ids') return (await describeValues(db, projectId, 'tag', ids)).join(', ')
  const name = dimensionOf(column)
  if (name === null) return textOf(column, old)
  const [text] = await describeValues(db, projectId, name, ids)
  return text ?? textOf(column, old)
}

function newText(event: NamedEvent, column: string): string | null {
  if (column === 'tag_ids') return event.item.event.tags.map(({ key, value }) => `${key} ${value}`).join(', ')
  const name = dimensionOf(column)
  if (name !== null) return valueText(name, event.item.event)
  return textOf(column, new Map<string, unknown>(Object.entries(ungroupedRow(event))).get(column))
}

type DimensionName = keyof typeof DIMENSION_VALUES

function dimensionOf(column: string): DimensionName | null {
  const name = column.replace(/_id$/, '')
  return isDimension(name) ? name : null
}

function isDimension(name: string): name is DimensionName {
  return name in DIMENSION_VALUES
}

function valueText(name: DimensionName, event: Event): string | null {
  const values: readonly unknown[] = DIMENSION_VALUES[name](event)
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.join(' ')
}

/** As people read it: levels by their names, moments in UTC. */
function textOf(column: string, value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (column === 'level' && typeof value === 'number') return LEVELS[value] ?? String(value)
  if (value instanceof Date) return value.toISOString()
  if (column.endsWith('_at') && typeof value === 'string') return new Date(value).toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
