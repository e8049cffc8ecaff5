import type { DiscardCount } from '@rumen/db/discard/add-discards'
import { hourOf } from '@rumen/db/issue/sum-grouping'
import type { ItemTable } from '@rumen/db/rumination/compare-items'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import { LEVELS } from '@rumen/protocol/event'
import { isHandled } from './dimension-values.ts'
import type { NamedEvent, ReadyEvent, ReadyItem, Source } from './ready-batch.ts'

// Rows of the tables an item is kept in; keys are their columns.

export function reportRow(event: ReadyEvent) {
  return { ...ungroupedRow(event), grouping_id: event.groupingId }
}

/** A report's row but for its grouping, which rules and people move. */
export function ungroupedRow({ archive, item, dimensions }: NamedEvent) {
  const { event } = item
  return {
    ...placeOf(archive, item),
    event_id: event.id,
    occurred_at: event.occurredAt,
    level: LEVELS.indexOf(event.level),
    handled: isHandled(event),
    trace_id: event.traceId,
    ...dimensions.columns,
    tag_ids: dimensions.tagIds,
  }
}

export function transactionRow({ archive, item, names }: ReadyItem<Kept<'transaction'>>) {
  const { transaction } = item
  return {
    ...placeOf(archive, item),
    event_id: transaction.id,
    transaction_id: names.transaction,
    release_id: names.release,
    environment_id: names.environment,
    op: transaction.op,
    status: transaction.status,
    trace_id: transaction.traceId,
    started_at: transaction.startedAt,
    duration_ms: transaction.durationMs,
  }
}

export function attachmentRow({ archive, item }: ReadyItem<Kept<'attachment'>>) {
  const { attachment, eventId, byteOffset } = item
  return {
    ...placeOf(archive, item),
    event_id: eventId,
    name: attachment.name,
    attachment_type: attachment.attachmentType,
    content_type: attachment.contentType,
    size: attachment.size,
    byte_offset: byteOffset,
  }
}

export function feedbackRow({ archive, item }: ReadyItem<Kept<'feedback'>>) {
  const { eventId, name, email, message, url, source } = item.feedback
  return { ...placeOf(archive, item), event_id: eventId, name, email, message, url, source }
}

export function checkInRow({ archive, item, names }: ReadyItem<Kept<'check_in'>>) {
  const { id, monitorSlug, status, duration } = item.checkIn
  return {
    ...placeOf(archive, item),
    check_in_id: id,
    monitor_slug: monitorSlug,
    status,
    duration,
    release_id: names.release,
    environment_id: names.environment,
  }
}

/** The row of an item beside events that has a table of its own, and that; null: it is only counted, or merged. */
export function ownRow({ item, ...one }: ReadyItem): { table: ItemTable; row: object } | null {
  switch (item.kind) {
    case 'transaction':
      return { table: item.kind, row: transactionRow({ ...one, item }) }
    case 'attachment':
      return { table: item.kind, row: attachmentRow({ ...one, item }) }
    case 'feedback':
      return { table: item.kind, row: feedbackRow({ ...one, item }) }
    case 'check_in':
      return { table: item.kind, row: checkInRow({ ...one, item }) }
    default:
      return null
  }
}

/** What SDKs dropped, summed by hour of receipt. */
export function discardCounts(reports: readonly ReadyItem<Kept<'client_report'>>[]): DiscardCount[] {
  const counts = new Map<string, DiscardCount>()
  for (const { archive, item } of reports) {
    const hour = hourOf(archive.receivedAt)
    for (const { category, reason, quantity } of item.discards) {
      const key = `${archive.projectId} ${hour.getTime()} ${category} ${reason}`
      const counted = counts.get(key)
      if (counted) counted.quantity += quantity
      else counts.set(key, { project_id: archive.projectId, hour, category, reason, quantity })
    }
  }
  return [...counts.values()]
}

function placeOf(archive: Source, { itemIndex }: KeptItem) {
  return {
    project_id: archive.projectId,
    day: archive.day,
    archive_hash: `\\x${archive.hash}`,
    item_index: itemIndex,
    received_at: archive.receivedAt,
  }
}
