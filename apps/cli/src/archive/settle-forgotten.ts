import type { ArchiveAddress, ArchiveRow } from '@rumen/db/archive/archive-row'
import { findDigested } from '@rumen/db/archive/find-digested'
import { archiveAddress } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { dayOf } from '@rumen/db/partition/day'
import { firstDay } from '@rumen/db/retention/retention'
import { rememberReported } from '@rumen/db/seen/remember-reported'
import { addressesOf, type Incoming } from './incoming-address.ts'

/**
 * Sees to archives that are older than events are known to have been seen: gives those of which something was digested here, before
 * they themselves were lost, and has events that came in other bytes, and have a report, known as seen from now on.
 */
export async function settleForgotten(
  db: Db,
  archives: readonly Incoming[],
  dedupeDays: number,
): Promise<ReadonlySet<ArchiveRow>> {
  const today = dayOf(new Date())
  const old = archives
    .filter(({ row }) => row.day < firstDay(today, dedupeDays))
    .map((one) => ({ row: one.row, addresses: addressesOf(one) }))
  const asked = old.flatMap(({ row: { eventId }, addresses }) => addresses.map((one) => ({ ...one, eventId })))
  const digested = new Set((await findDigested(db, asked)).map(archiveAddress))
  await rememberReported(
    db,
    old.flatMap(({ row: { projectId, eventId } }) =>
      eventId === null ? [] : { project_id: projectId, key: eventId, day: today },
    ),
  )
  const isDigested = (addresses: readonly ArchiveAddress[]) =>
    addresses.some((one) => digested.has(archiveAddress(one)))
  return new Set(old.filter(({ addresses }) => isDigested(addresses)).map(({ row }) => row))
}
