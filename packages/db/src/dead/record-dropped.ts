import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Tx } from '../connect.ts'
import { insertRows } from '../insert-rows.ts'
import { dayOf } from '../partition/day.ts'
import { digest_error, outcome } from '../tables/outcome.ts'

/** An archive that is not to be digested any more, because somebody said so. */
export interface DroppedArchive extends ArchiveAddress {
  /** Why it had been given up. */
  reason: string
  tries: number
}

/** Puts the archives on the list of errors and into the ledger, as rejected; they stay, to be looked at. */
export async function recordDropped(tx: Tx, dropped: readonly DroppedArchive[]): Promise<void> {
  const errors = dropped.map(({ projectId, day, hash, reason, tries }) => ({
    project_id: projectId,
    day,
    archive_hash: `\\x${hash}`,
    item_type: 'archive',
    code: 'dropped',
    message: `given up after ${tries} tries, and dropped by hand: ${reason}`,
    retry_count: tries - 1,
  }))
  await insertRows(tx, digest_error, errors)
  const outcomes = [...Map.groupBy(dropped, ({ projectId }) => projectId)].map(([projectId, ofProject]) => ({
    project_id: projectId,
    // The archive's own day may be gone, and take no more rows.
    day: dayOf(new Date()),
    item_type: 'archive',
    outcome: 'rejected',
    reason: 'dropped',
    quantity: ofProject.length,
  }))
  await insertRows(tx, outcome, outcomes)
}
