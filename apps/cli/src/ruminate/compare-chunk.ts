import type { Db, Tx } from '@rumen/db/connect'
import { compareItems, type ItemPlace, type ItemTable } from '@rumen/db/rumination/compare-items'
import { compareReports } from '@rumen/db/rumination/compare-reports'
import type { ListedError } from '@rumen/db/rumination/digest-errors'
import { readSeen } from '@rumen/db/rumination/read-traces'
import { readSuppressed, type Suppressed } from '@rumen/db/suppressed/read-suppressed'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import { ownRow, ungroupedRow } from '@rumen/rows/item-rows'
import type { NamedEvent, ReadyItem } from '@rumen/rows/ready-batch'
import type { DigestedArchive } from './digest-chunks.ts'
import {
  type AddedItem,
  curedErrors,
  isWhollySuppressed,
  type Memory,
  type MissingItem,
  readAdded,
  wasRejected,
} from './missing-items.ts'

const ITEM_TABLE_NAMES = ['transaction', 'attachment', 'feedback', 'check_in'] as const satisfies ItemTable[]

/** Archives digested again, with the ids of all that their items name. */
export interface NamedChunk {
  archives: readonly DigestedArchive[]
  events: readonly NamedEvent[]
  items: readonly ReadyItem[]
}

/** The stored columns of a row that are not what they should be, as JSON has them. */
type Stored = Readonly<Record<string, unknown>>

/** How what is stored of some archives differs from what they say today. */
export interface ChunkDifference {
  reports: {
    /** Events that have a report of these archives. */
    known: number
    /** Those whose grouping is of another key than theirs. */
    leaving: number
    changed: readonly { event: NamedEvent; stored: Stored }[]
  }
  items: readonly {
    table: ItemTable
    changed: readonly { item: ReadyItem; stored: Stored }[]
    removed: readonly ItemPlace[]
  }[]
  /** Items of all kinds that are to get a row, or to be counted. */
  added: readonly AddedItem[]
  /** All updates of single sessions: those that were merged before may say more today. */
  sessions: readonly ReadyItem<Kept<'session'>>[]
  cured: readonly ListedError[]
}

/** Compares the archives of a chunk with all that is stored of them. Writes nothing. */
export async function compareChunk(db: Db | Tx, memory: Memory, chunk: NamedChunk): Promise<ChunkDifference> {
  const suppressed = await readSuppressed(
    db,
    chunk.archives.map(({ archive }) => archive),
  )
  const open = openPart(chunk, suppressed)
  const cured = new Map(open.archives.map((one) => [one.archive.hash, curedErrors(one)]))
  const missingOf = ({ archive, item }: { archive: NamedEvent['archive']; item: KeptItem }): MissingItem => {
    return { archive, item, wasRejected: wasRejected(item, cured.get(archive.hash) ?? []) }
  }
  const reports = await compareEvents(db, memory, open.events)
  const items = await compareTables(db, memory, open)
  const uncounted = await findUncounted(db, memory, open.items)
  const missing = [...reports.missing, ...items.flatMap((one) => one.missing), ...uncounted].map(missingOf)
  return {
    reports,
    items,
    added: await readAdded(db, memory, missing, suppressed),
    sessions: open.items.filter(isSession),
    cured: [...cured.values()].flat(),
  }
}

/** Nobody has to do anything about it, but for sessions, which tell once they are merged. */
export function isEmpty({ reports, items, added, cured }: ChunkDifference): boolean {
  const areItemsSame = items.every(({ changed, removed }) => changed.length + removed.length === 0)
  return reports.changed.length + added.length + cured.length === 0 && areItemsSame
}

/** Without archives of which nothing may come back: a chunk is as if they were gone. */
function openPart(chunk: NamedChunk, suppressed: Suppressed): NamedChunk {
  const isOpen = ({ archive }: Pick<NamedEvent, 'archive'>) => !isWhollySuppressed(suppressed, archive)
  return {
    archives: chunk.archives.filter(isOpen),
    events: chunk.events.filter(isOpen),
    items: chunk.items.filter(isOpen),
  }
}

async function compareEvents(db: Db | Tx, memory: Memory, events: readonly NamedEvent[]) {
  const byPlace = new Map(events.map((event) => [placeOf(event.archive.hash, event.item.key), event]))
  const compared = await compareReports(db, memory, [...byPlace.values()].map(ungroupedRow))
  const result = {
    ...{ known: 0, leaving: 0 },
    changed: [] as { event: NamedEvent; stored: Stored }[],
    missing: [] as NamedEvent[],
  }
  for (const { hash, eventId, state, keyHash, stored } of compared) {
    const event = byPlace.get(placeOf(hash, eventId))
    if (event === undefined || state === 'elsewhere') continue
    if (state === 'missing') result.missing.push(event)
    else result.known++
    if (state === 'differs') result.changed.push({ event, stored: stored ?? {} })
    if (keyHash !== null && keyHash !== event.item.grouping.hash.toString('hex')) result.leaving++
  }
  return result
}

async function compareTables(db: Db | Tx, { projectId, day }: Memory, { archives, items }: NamedChunk) {
  const hashes = archives.map(({ archive }) => archive.hash)
  const eventIds = archives.flatMap(({ archive }) => archive.eventId ?? [])
  const owned = items.flatMap((item) => {
    const own = ownRow(item)
    return own === null ? [] : [{ item, ...own }]
  })
  const compared = []
  for (const table of ITEM_TABLE_NAMES) {
    const ofTable = owned.filter((one) => one.table === table)
    const rows = ofTable.map(({ row }) => row)
    const differing = await compareItems(db, { projectId, day, hashes, eventIds }, table, rows)
    const byPlace = new Map(ofTable.map(({ item }) => [placeOf(item.archive.hash, item.item.itemIndex), item]))
    const of = ({ hash, itemIndex }: ItemPlace) => byPlace.get(placeOf(hash, itemIndex)) ?? []
    compared.push({
      table,
      changed: differing
        .filter(({ state }) => state === 'differs')
        .flatMap((one) => [of(one)].flat().map((item) => ({ item, stored: one.stored ?? {} }))),
      removed: differing.filter(({ state }) => state === 'surplus'),
      missing: differing.filter(({ state }) => state === 'missing').flatMap(of),
    })
  }
  return compared
}

function isSession(one: ReadyItem): one is ReadyItem<Kept<'session'>> {
  return one.item.kind === 'session'
}

/** Those that have no row of their own and were not counted, as far as anybody remembers. */
async function findUncounted(db: Db | Tx, { projectId }: Memory, items: readonly ReadyItem[]) {
  const counted = items.filter((item) => ownRow(item) === null)
  const seen = await readSeen(db, projectId, [...new Set(counted.map(({ item }) => item.key))])
  return counted.filter(({ item }) => !seen.has(item.key))
}

function placeOf(hash: string, name: string | number): string {
  return `${hash} ${name}`
}
