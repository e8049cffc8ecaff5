import type { Tx } from '@rumen/db/connect'
import { insertRows } from '@rumen/db/insert-rows'
import type { ListedError } from '@rumen/db/rumination/digest-errors'
import { outcome } from '@rumen/db/tables/outcome'
import type { ItemDigest, KeptItem } from '@rumen/digest/item-digest'
import { type Ending, outcomeRows } from '@rumen/rows/ledger'
import type { Source } from '@rumen/rows/ready-batch'
import type { DigestedArchive } from './digest-chunks.ts'
import { type AddedItem, curedErrors, isOfAll, wasRejected } from './missing-items.ts'

/**
 * What the ledger has to be told of items whose fate is another one: one less of what was recorded, one more of what they are.
 * Of an item nothing could be read of before (`unsupported`, or a log below the level of events) the ledger has no name, only
 * a number: one is taken off that.
 */
export function correctionsOf(archives: readonly DigestedArchive[], added: readonly AddedItem[]): readonly Ending[] {
  const byArchive = Map.groupBy(added, ({ archive }) => archive.hash)
  return archives.flatMap((digested) => {
    const cured = curedErrors(digested)
    const ofArchive = byArchive.get(digested.archive.hash) ?? []
    const news = ofArchive.filter((one) => !one.wasRejected && !one.wasCounted)
    return [
      ...cured.map((error) =>
        endingOf(digested.archive, error.itemType, { outcome: 'rejected', reason: error.code }, -1),
      ),
      ...recordedAnew(digested, cured, ofArchive),
      ...news.flatMap(({ archive, item }) => [
        endingOf(archive, item.itemType, unreadFate(item), -1),
        endingOf(archive, item.itemType, STORED, 1),
      ]),
    ]
  })
}

/** Nothing that was recorded has to be taken off for those: the error that stood in their place is. */
function recordedAnew(
  { archive, items }: DigestedArchive,
  cured: readonly ListedError[],
  added: readonly AddedItem[],
): Ending[] {
  const stored = new Set(added.map(({ item }) => item))
  const isAll = cured.some(isOfAll)
  return items.flatMap((item): Ending[] => {
    if (item.kind === 'counted')
      return isAll || isCuredAs(item.itemType, cured, items)
        ? [endingOf(archive, item.itemType, item, item.quantity)]
        : []
    if (item.kind === 'rejected') {
      return isAll ? [endingOf(archive, item.itemType, { outcome: 'rejected', reason: item.code }, item.quantity)] : []
    }
    if (!wasRejected(item, cured)) return []
    return [endingOf(archive, item.itemType, stored.has(item) ? STORED : DUPLICATE, 1)]
  })
}

/** What is only counted has no place: it is what was rejected, if nothing else of the archive is that. */
function isCuredAs(itemType: string, cured: readonly ListedError[], items: readonly ItemDigest[]): boolean {
  const kept = new Set(items.flatMap((item) => ('key' in item ? [item.itemIndex] : [])))
  return cured.some((error) => error.itemType === itemType && error.itemIndex !== null && !kept.has(error.itemIndex))
}

const STORED = { outcome: 'stored', reason: null } as const
const DUPLICATE = { outcome: 'duplicate', reason: null } as const

type Fate = Pick<Ending, 'outcome' | 'reason'>

function unreadFate({ itemType }: KeptItem): Fate {
  return itemType === 'log' ? { outcome: 'filtered', reason: 'level' } : { outcome: 'unsupported', reason: null }
}

export function endingOf(archive: Source, itemType: string, { outcome, reason }: Fate, quantity: number): Ending {
  return { archive, itemType, outcome, reason, quantity }
}

/** Writes them, as far as they do not cancel out. */
export async function correctLedger(tx: Tx, endings: readonly Ending[]): Promise<void> {
  await insertRows(
    tx,
    outcome,
    outcomeRows(endings).filter(({ quantity }) => quantity !== 0),
  )
}
