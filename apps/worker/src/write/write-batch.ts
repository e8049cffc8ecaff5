import type { Db, Tx } from '@rumen/db/connect'
import { addDiscards } from '@rumen/db/discard/add-discards'
import { insertRows } from '@rumen/db/insert-rows'
import { claimAddress, claimEvents } from '@rumen/db/seen/claim-events'
import { writeSessions } from '@rumen/db/session/write-sessions'
import { attachment, check_in, feedback, transaction_event } from '@rumen/db/tables/item'
import { digest_error, outcome } from '@rumen/db/tables/outcome'
import { report } from '@rumen/db/tables/report'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import { attachmentRow, checkInRow, discardCounts, feedbackRow, reportRow, transactionRow } from '@rumen/rows/item-rows'
import { type Ending, errorRows, outcomeRows } from '@rumen/rows/ledger'
import type { ReadyBatch, ReadyEvent, ReadyItem } from '@rumen/rows/ready-batch'
import { sessionsOf } from '@rumen/rows/session-rows'
import { countIssues } from './count-issues.ts'

/** What was committed. */
export interface Written {
  /** Those that are visible from now on. */
  events: readonly ReadyEvent[]
  /** Of every item, how it ended. */
  endings: readonly Ending[]
}

/**
 * The one transaction of a batch, of as many statements for one item as for five hundred. What was not seen before is
 * claimed first, and only that is written and counted; counters come last, and the jobs are settled at the very end: a
 * claim on them that lapsed throws, and nothing of this has happened.
 */
export async function writeBatch(db: Db, batch: ReadyBatch, settle: (tx: Tx) => Promise<void>): Promise<Written> {
  return await db.transaction(async (tx) => {
    const all = [...batch.events, ...batch.items]
    const claimed = new Set(await claimEvents(tx, all.map(claimOf)))
    // A key that stands twice in the batch is claimed once: its first item is the one.
    const isFresh = (one: ReadyEvent | ReadyItem) => claimed.delete(claimAddress(one.archive.projectId, one.item.key))
    const [duplicateEvents, events] = partition(batch.events, isFresh)
    const [duplicateItems, items] = partition(batch.items, isFresh)
    const stored = [...events, ...items]
    const duplicates = [...duplicateEvents, ...duplicateItems]
    await insertRows(tx, report, events.map(reportRow))
    await writeItems(tx, items)
    await insertRows(tx, digest_error, errorRows(batch.rejected))
    const endings = endingsOf(batch, { stored, duplicates })
    await insertRows(tx, outcome, outcomeRows(endings))
    await addDiscards(tx, discardCounts(ofKind(items, 'client_report')))
    await writeSessions(tx, sessionsOf(ofKind(items, 'session'), ofKind(items, 'sessions'), batch.sessionDays))
    await countIssues(tx, events, new Date())
    await settle(tx)
    return { events, endings }
  })
}

/** One statement for each table that has something to write. */
async function writeItems(tx: Tx, items: readonly ReadyItem[]): Promise<void> {
  await insertRows(tx, transaction_event, ofKind(items, 'transaction').map(transactionRow))
  await insertRows(tx, attachment, ofKind(items, 'attachment').map(attachmentRow))
  await insertRows(tx, feedback, ofKind(items, 'feedback').map(feedbackRow))
  await insertRows(tx, check_in, ofKind(items, 'check_in').map(checkInRow))
}

function ofKind<Kind extends Exclude<KeptItem['kind'], 'event'>>(
  items: readonly ReadyItem[],
  kind: Kind,
): ReadyItem<Kept<Kind>>[] {
  return items.filter((one): one is ReadyItem<Kept<Kind>> => one.item.kind === kind)
}

function partition<T>(all: readonly T[], belongs: (one: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const one of all) parts[belongs(one) ? 1 : 0].push(one)
  return parts
}

function claimOf({ archive, item }: ReadyEvent | ReadyItem) {
  return { project_id: archive.projectId, key: item.key, day: archive.day }
}

function endingsOf(
  batch: ReadyBatch,
  kept: Readonly<Record<'stored' | 'duplicates', readonly (ReadyEvent | ReadyItem)[]>>,
): Ending[] {
  const keptAs = (outcome: 'stored' | 'duplicate') => (one: ReadyEvent | ReadyItem) => ({
    archive: one.archive,
    itemType: one.item.itemType,
    outcome,
    reason: null,
    quantity: 1,
  })
  return [
    ...kept.stored.map(keptAs('stored')),
    ...kept.duplicates.map(keptAs('duplicate')),
    ...batch.counted.map(({ archive, item }) => ({ archive, ...item })),
    ...batch.rejected.map(({ archive, item }) => ({
      archive,
      itemType: item.itemType,
      outcome: 'rejected' as const,
      reason: item.code,
      quantity: item.quantity,
    })),
  ]
}
