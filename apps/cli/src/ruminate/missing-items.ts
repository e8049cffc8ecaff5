import type { Db, Tx } from '@rumen/db/connect'
import { addDays, type Day } from '@rumen/db/partition/day'
import type { ListedError } from '@rumen/db/rumination/digest-errors'
import { readSeen, readTaken } from '@rumen/db/rumination/read-traces'
import { type Suppressed, WHOLE_ARCHIVE } from '@rumen/db/suppressed/read-suppressed'
import type { ItemDigest, KeptItem } from '@rumen/digest/item-digest'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Source } from '@rumen/rows/ready-batch'
import type { DigestedArchive } from './digest-chunks.ts'

/** An item that has no row in its archive's place. */
export interface MissingItem {
  archive: Source
  item: KeptItem
  /** It stood on the list of errors, and can be read now. */
  wasRejected: boolean
}

/** One that is to get a row. `wasCounted`: it had one, which was lost; the ledger knows of it. */
export interface AddedItem extends MissingItem {
  wasCounted: boolean
}

/** How far back the database can tell what was counted. */
export interface Memory {
  projectId: ProjectId
  day: Day
  /** The oldest day whose items are remembered by their keys. */
  rememberedSince: Day
  /** The oldest day with reports. */
  reportsSince: Day
  dedupeDays: number
}

/**
 * Of missing items those that were never counted, and events whose reports were lost. What was deleted for good is none of
 * them, nor what came a second time. Where nobody remembers whether something was counted, it is left alone unless it stands on
 * the list of errors, or every report it could have had would still be there.
 */
export async function readAdded(
  db: Db | Tx,
  memory: Memory,
  missing: readonly MissingItem[],
  suppressed: Suppressed,
): Promise<readonly AddedItem[]> {
  const allowed = missing.filter(({ archive, item }) => !suppressed.isSuppressed(archive, item.itemIndex))
  if (allowed.length === 0) return []
  const seen = await readSeen(db, memory.projectId, [...new Set(allowed.map(({ item }) => item.key))])
  const events = allowed.filter(({ item }) => item.kind === 'event')
  const taken = await readTaken(db, memory.projectId, [...new Set(events.map(({ item }) => item.key))])
  const met = new Set<string>()
  return allowed.flatMap((one): AddedItem[] => {
    const { item } = one
    const seenOn = seen.get(item.key)
    if (met.has(item.key) || (item.kind === 'event' && taken.has(item.key))) return []
    const isAdded = seenOn === undefined ? isNews(memory, one) : item.kind === 'event' && seenOn === memory.day
    if (!isAdded) return []
    met.add(item.key)
    return [{ ...one, wasCounted: seenOn !== undefined }]
  })
}

/** Whether nobody's not remembering it means that it was never counted. */
function isNews(
  { day, rememberedSince, reportsSince, dedupeDays }: Memory,
  { item, wasRejected }: MissingItem,
): boolean {
  if (wasRejected || day >= rememberedSince) return true
  return item.kind === 'event' && reportsSince <= addDays(day, -dedupeDays)
}

/** Of what stands on the list of errors that which can be read today. */
export function curedErrors({ errors, items }: DigestedArchive): readonly ListedError[] {
  return errors.filter((error) => !items.some((item) => isStillRejected(error, item)))
}

function isStillRejected(error: ListedError, item: ItemDigest): boolean {
  if (item.kind !== 'rejected' || item.itemIndex !== error.itemIndex) return false
  return error.itemIndex !== null || item.itemType === error.itemType
}

/** Whether an item was not recorded before, because it, or everything behind a place in its archive, could not be read. */
export function wasRejected(item: KeptItem, cured: readonly ListedError[]): boolean {
  return cured.some((error) => {
    if (isOfAll(error)) return true
    if (error.itemIndex === null) return error.itemType === item.itemType
    return error.itemIndex === item.itemIndex || (error.itemType === 'envelope' && error.itemIndex < item.itemIndex)
  })
}

/** Nothing of the archive was recorded. */
export function isOfAll({ itemIndex, itemType }: ListedError): boolean {
  return itemIndex === null && (itemType === 'archive' || itemType === 'envelope')
}

/** Whether nothing of an archive may come back. */
export function isWhollySuppressed(suppressed: Suppressed, archive: Source): boolean {
  return suppressed.isSuppressed(archive, WHOLE_ARCHIVE)
}
