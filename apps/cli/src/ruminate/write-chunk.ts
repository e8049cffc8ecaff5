import type { Tx } from '@rumen/db/connect'
import { addDiscards } from '@rumen/db/discard/add-discards'
import { insertRows } from '@rumen/db/insert-rows'
import type { Day } from '@rumen/db/partition/day'
import { changeItems } from '@rumen/db/rumination/change-items'
import { changeReports, type WantedReport } from '@rumen/db/rumination/change-reports'
import { removeErrors } from '@rumen/db/rumination/digest-errors'
import { claimAddress, claimEvents } from '@rumen/db/seen/claim-events'
import { mergeSessions, writeMerged } from '@rumen/db/session/write-sessions'
import { digest_error } from '@rumen/db/tables/outcome'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import { discardCounts, ownRow, ungroupedRow } from '@rumen/rows/item-rows'
import { errorRows } from '@rumen/rows/ledger'
import type { NamedEvent, ReadyItem } from '@rumen/rows/ready-batch'
import { sessionsOf } from '@rumen/rows/session-rows'
import type { ChunkDifference, NamedChunk } from './compare-chunk.ts'
import { correctionsOf, correctLedger } from './correct-ledger.ts'
import type { DigestedArchive } from './digest-chunks.ts'
import { type AddedItem, curedErrors, isOfAll, type Memory } from './missing-items.ts'

export interface ChunkWriting {
  memory: Memory
  chunk: NamedChunk
  difference: ChunkDifference
  /** Of the added events, by their ids. */
  groupingIds: ReadonlyMap<string, number>
  sessionDays: readonly Day[]
}

/** What came of it: what was added, and how many sessions say something else than before. */
export interface ChunkWritten {
  added: readonly AddedItem[]
  sessions: number
}

/**
 * Makes everything that is stored of the archives of a chunk what they say today, with all that is counted of it, in one
 * transaction that holds the project's rules and the archives. Claims come first, as in the worker: what somebody else claimed
 * meanwhile is theirs.
 */
export async function writeChunk(tx: Tx, writing: ChunkWriting): Promise<ChunkWritten> {
  const { memory, chunk, difference } = writing
  const added = await claimAdded(tx, writing)
  const { projectId, day } = memory
  await removeErrors(
    tx,
    memory,
    difference.cured.map(({ id }) => id),
  )
  await insertRows(tx, digest_error, errorRows(rejectedAnew(chunk.archives)))
  await correctLedger(tx, correctionsOf(chunk.archives, added))
  const byItem = new Map<KeptItem, ReadyItem>(chunk.items.map((one) => [one.item, one]))
  const ready = added.flatMap(({ item }) => byItem.get(item) ?? [])
  for (const { table, changed, removed } of difference.items) {
    const rowsOf = (items: readonly ReadyItem[]) =>
      items.flatMap((one) => {
        const own = ownRow(one)
        return own?.table === table ? [own.row] : []
      })
    const changes = { changed: rowsOf(changed.map(({ item }) => item)), added: rowsOf(ready), removed }
    await changeItems(tx, table, { projectId, day, ...changes })
  }
  await addDiscards(tx, discardCounts(ready.filter(isOf('client_report'))))
  const sessions = await writeSessions(tx, writing, ready)
  const events = new Map<KeptItem, NamedEvent>(chunk.events.map((one) => [one.item, one]))
  await changeReports(tx, {
    ...{ projectId, day, removed: [] },
    changed: difference.reports.changed.map(({ event }) => wantedOf(event)),
    added: added.flatMap(({ item }) => {
      const [event, groupingId] = [events.get(item), writing.groupingIds.get(item.key)]
      return event === undefined || groupingId === undefined ? [] : [{ ...wantedOf(event), groupingId }]
    }),
  })
  return { added, sessions }
}

/** What was never counted is claimed; an event whose report was lost has its claim. */
async function claimAdded(tx: Tx, { memory, difference, groupingIds }: ChunkWriting): Promise<readonly AddedItem[]> {
  const { projectId, day } = memory
  const possible = difference.added.filter(({ item }) => item.kind !== 'event' || groupingIds.has(item.key))
  const claims = possible
    .filter(({ wasCounted }) => !wasCounted)
    .map(({ item }) => ({ project_id: projectId, key: item.key, day }))
  const claimed = await claimEvents(tx, claims)
  return possible.filter(({ wasCounted, item }) => wasCounted || claimed.has(claimAddress(projectId, item.key)))
}

/** What is rejected of archives of which nothing was recorded before. */
function rejectedAnew(archives: readonly DigestedArchive[]) {
  return archives
    .filter((digested) => curedErrors(digested).some(isOfAll))
    .flatMap(({ archive, items }) =>
      items.flatMap((item) => (item.kind === 'rejected' ? [{ archive, retryCount: 0, item }] : [])),
    )
}

/** Sessions that are not there any more stay away: their hours are counted, and nobody knows what of it was theirs. */
async function writeSessions(tx: Tx, { difference, sessionDays }: ChunkWriting, ready: readonly ReadyItem[]) {
  const batch = sessionsOf(difference.sessions, ready.filter(isOf('sessions')), sessionDays)
  const novel = new Set(ready.filter(isOf('session')).map(({ item }) => item.update.sid))
  const merged = await mergeSessions(tx, batch)
  const changed = merged.filter(({ row, isNew, hasChanged }) => (isNew ? novel.has(row.sid) : hasChanged))
  await writeMerged(tx, changed, batch.sums)
  return changed.filter(({ isNew }) => !isNew).length
}

function isOf<Kind extends Exclude<KeptItem['kind'], 'event'>>(kind: Kind) {
  return (one: ReadyItem): one is ReadyItem<Kept<Kind>> => one.item.kind === kind
}

function wantedOf(event: NamedEvent): WantedReport {
  const { archive, item } = event
  return {
    eventId: item.key,
    row: ungroupedRow(event),
    counted: { receivedAt: archive.receivedAt, event: item.event },
  }
}
