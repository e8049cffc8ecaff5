import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import type { Day } from '@rumen/db/partition/day'
import type { CountedItem, Kept, KeptItem, RejectedItem } from '@rumen/digest/item-digest'
import type { ReportDimensions } from './dimension-ids.ts'

/** The archive an item stands in. Its body is as large as all that came of it together, and stays behind. */
export type Source = ArchiveAddress & { receivedAt: Date }

/** Ids of what an item beside events names. */
export interface NameIds {
  release: number | null
  environment: number | null
  transaction: number | null
}

/** An event with the ids of all it names. */
export interface NamedEvent {
  archive: Source
  item: Kept<'event'>
  dimensions: ReportDimensions
}

/** An event with everything its rows need. */
export interface ReadyEvent extends NamedEvent {
  groupingId: number
}

/** Any other item, likewise. */
export interface ReadyItem<Item extends KeptItem = Exclude<KeptItem, { kind: 'event' }>> {
  archive: Source
  item: Item
  names: NameIds
}

export interface ReadyBatch {
  events: readonly ReadyEvent[]
  items: readonly ReadyItem[]
  counted: readonly { archive: ArchiveAddress; item: CountedItem }[]
  rejected: readonly { archive: ArchiveAddress; retryCount: number; item: RejectedItem }[]
  /** Those sessions can be written to. */
  sessionDays: readonly Day[]
}
