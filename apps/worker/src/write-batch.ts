import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import type { Db, Tx } from '@rumen/db/connect'
import { insertRows } from '@rumen/db/insert-rows'
import { countEvents, type Sighting } from '@rumen/db/issue/count-events'
import type { Outcome } from '@rumen/db/outcome/outcome'
import { dayOf } from '@rumen/db/partition/day'
import { claimAddress, claimEvents } from '@rumen/db/seen/claim-events'
import { digest_error, outcome } from '@rumen/db/tables/outcome'
import { report } from '@rumen/db/tables/report'
import { LEVELS } from '@rumen/protocol/event'
import type { DigestedEvent, RejectedItem } from './digest-archive.ts'
import type { ReportDimensions } from './dimension-ids.ts'
import { isHandled } from './dimension-values.ts'

/** An event with everything its rows need. */
export interface ReadyEvent extends DigestedEvent {
  archive: ArchiveAddress & { receivedAt: Date }
  groupingId: number
  dimensions: ReportDimensions
}

export interface ReadyBatch {
  events: readonly ReadyEvent[]
  unsupported: readonly { archive: ArchiveAddress; itemType: string }[]
  rejected: readonly (RejectedItem & { archive: ArchiveAddress; retryCount: number })[]
}

/**
 * The one transaction of a batch, of as many statements for one event as for five hundred. What was not seen before is
 * claimed first, and only that is written and counted; the jobs are settled last: a claim on them that lapsed throws,
 * and nothing of this has happened.
 */
export async function writeBatch(db: Db, batch: ReadyBatch, settle: (tx: Tx) => Promise<void>): Promise<void> {
  await db.transaction(async (tx) => {
    const claimed = new Set(await claimEvents(tx, batch.events.map(claimOf)))
    // An id that stands twice in the batch is claimed once: its first event is the one.
    const [duplicates, fresh] = partition(batch.events, (event) => claimed.delete(addressOf(event)))
    await insertRows(tx, report, fresh.map(reportRow))
    await insertRows(tx, digest_error, batch.rejected.map(errorRow))
    await insertRows(tx, outcome, outcomeRows(batch, fresh, duplicates))
    await countEvents(tx, sightingsOf(fresh))
    await settle(tx)
  })
}

function partition<T>(all: readonly T[], belongs: (one: T) => boolean): [T[], T[]] {
  const parts: [T[], T[]] = [[], []]
  for (const one of all) parts[belongs(one) ? 1 : 0].push(one)
  return parts
}

function claimOf({ archive, event }: ReadyEvent) {
  return { project_id: archive.projectId, key: event.id, day: archive.day }
}

function addressOf({ archive, event }: ReadyEvent): string {
  return claimAddress(archive.projectId, event.id)
}

function reportRow({ archive, event, itemIndex, groupingId, dimensions }: ReadyEvent) {
  return {
    project_id: archive.projectId,
    event_id: event.id,
    day: archive.day,
    archive_hash: `\\x${archive.hash}`,
    item_index: itemIndex,
    grouping_id: groupingId,
    occurred_at: event.occurredAt,
    received_at: archive.receivedAt,
    level: LEVELS.indexOf(event.level),
    handled: isHandled(event),
    ...dimensions.columns,
    tag_ids: dimensions.tagIds,
  }
}

function errorRow({
  archive,
  itemIndex,
  itemType,
  eventId,
  code,
  message,
  retryCount,
}: ReadyBatch['rejected'][number]) {
  return {
    project_id: archive.projectId,
    day: archive.day,
    archive_hash: `\\x${archive.hash}`,
    item_index: itemIndex,
    item_type: itemType,
    event_id: eventId,
    code,
    message,
    retry_count: retryCount,
  }
}

/** The ledger of the batch: a row for each project, day, item type and ending, however many items ended so. */
function outcomeRows(batch: ReadyBatch, fresh: readonly ReadyEvent[], duplicates: readonly ReadyEvent[]) {
  // The day of what was rejected may be the very reason: a partition that was dropped takes no more rows.
  const today = dayOf(new Date())
  const endings = [
    ...fresh.map((item) => ending(item, 'stored', null)),
    ...duplicates.map((item) => ending(item, 'duplicate', null)),
    ...batch.unsupported.map((item) => ending(item, 'unsupported', null)),
    ...batch.rejected.map((item) => ({ ...ending(item, 'rejected', item.code), day: today })),
  ]
  const alike = Map.groupBy(endings, (row) => Object.values(row).join(' '))
  return alike
    .values()
    .map((rows) => ({ ...rows[0], quantity: rows.length }))
    .toArray()
}

function ending(
  { archive, itemType }: { archive: ArchiveAddress; itemType: string },
  outcome: Outcome,
  reason: string | null,
) {
  return { project_id: archive.projectId, day: archive.day, item_type: itemType, outcome, reason }
}

const HOUR_MS = 60 * 60 * 1000

/** Events of one grouping and hour, counted together. */
function sightingsOf(events: readonly ReadyEvent[]): Sighting[] {
  const sightings = new Map<string, Sighting>()
  for (const { archive, event, groupingId } of events) {
    const hour = new Date(Math.floor(archive.receivedAt.getTime() / HOUR_MS) * HOUR_MS)
    const key = `${archive.projectId} ${groupingId} ${hour.getTime()}`
    const seen = sightings.get(key)
    const level = LEVELS.indexOf(event.level)
    if (!seen) {
      sightings.set(key, {
        project_id: archive.projectId,
        grouping_id: groupingId,
        hour,
        event_count: 1,
        first_seen: event.occurredAt,
        last_seen: event.occurredAt,
        level,
      })
      continue
    }
    seen.event_count++
    if (event.occurredAt < seen.first_seen) seen.first_seen = event.occurredAt
    if (event.occurredAt >= seen.last_seen) {
      seen.last_seen = event.occurredAt
      seen.level = level
    }
  }
  return [...sightings.values()]
}
