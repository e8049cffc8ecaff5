import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import type { Outcome } from '@rumen/db/outcome/outcome'
import { dayOf } from '@rumen/db/partition/day'
import type { ReadyBatch } from './ready-batch.ts'

/** How an item ended. */
export interface Ending {
  archive: ArchiveAddress
  itemType: string
  outcome: Outcome
  /** A code, for what was not stored. */
  reason: string | null
  quantity: number
}

/** The ledger's rows: one for each project, day, item type and ending, however many items ended so. */
export function outcomeRows(endings: readonly Ending[]) {
  // The day of what was rejected may be the very reason: a partition that was dropped takes no more rows.
  const today = dayOf(new Date())
  const rows = new Map<string, ReturnType<typeof rowOf>>()
  for (const ending of endings) {
    const row = rowOf(ending, ending.outcome === 'rejected' ? today : ending.archive.day)
    const key = `${row.project_id} ${row.day} ${row.item_type} ${row.outcome} ${row.reason}`
    const counted = rows.get(key)
    if (counted) counted.quantity += row.quantity
    else rows.set(key, row)
  }
  return [...rows.values()]
}

/** Each rejected item with its cause. */
export function errorRows(rejected: ReadyBatch['rejected']) {
  return rejected.map(({ archive, retryCount, item }) => ({
    project_id: archive.projectId,
    day: archive.day,
    archive_hash: `\\x${archive.hash}`,
    item_index: item.itemIndex,
    item_type: item.itemType,
    event_id: item.eventId,
    code: item.code,
    message: item.message,
    retry_count: retryCount,
  }))
}

function rowOf({ archive, itemType, outcome, reason, quantity }: Ending, day: string) {
  return { project_id: archive.projectId, day, item_type: itemType, outcome, reason, quantity }
}
