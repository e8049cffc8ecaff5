import type { Grouping } from '@rumen/grouping/group'
import type { Description } from '@rumen/grouping/title'
import type { EventId } from '@rumen/protocol/brand'
import type { Event } from '@rumen/protocol/event'
import type { Attachment } from '@rumen/protocol/read-attachment'
import type { CheckIn } from '@rumen/protocol/read-check-in'
import type { Discard } from '@rumen/protocol/read-client-report'
import type { Feedback } from '@rumen/protocol/read-feedback'
import type { SessionUpdate } from '@rumen/protocol/read-session'
import type { SessionSums } from '@rumen/protocol/read-sessions'
import type { Transaction } from '@rumen/protocol/read-transaction'

/** What became of one item before anything was written. */
export type ItemDigest = KeptItem | CountedItem | RejectedItem

/** An item that gets rows of its own, once. */
export type KeptItem = Place & KeptValue

/** Where an item stands, and what it is known by. */
export interface Place {
  itemIndex: number
  itemType: string
  /** Shaped like an event id. What comes again with the same key is a duplicate, whatever it was wrapped in. */
  key: EventId
}

export type KeptValue =
  | {
      kind: 'event'
      event: Event
      grouping: Grouping
      /** By the rules before the present ones, while a project moves from these to those. */
      formerGrouping: Grouping | null
      description: Description
    }
  | { kind: 'transaction'; transaction: Transaction }
  | { kind: 'session'; update: SessionUpdate }
  | { kind: 'sessions'; sums: SessionSums }
  | { kind: 'attachment'; eventId: EventId | null; attachment: Attachment; byteOffset: number }
  | { kind: 'feedback'; feedback: Feedback }
  | { kind: 'check_in'; checkIn: CheckIn }
  | { kind: 'client_report'; discards: readonly Discard[] }

export type Kept<Kind extends KeptValue['kind']> = Place & Extract<KeptValue, { kind: Kind }>

/** What an item costs to write, in rows or parts of rows: a log is small, but it may bring thirty tags. */
export function weightOf(digest: ItemDigest): number {
  return digest.kind === 'event' ? 1 + digest.event.tags.length : 1
}

/** Items of which the ledger alone keeps a number. */
export interface CountedItem {
  kind: 'counted'
  itemType: string
  outcome: 'stored' | 'filtered' | 'unsupported'
  /** A code. */
  reason: string | null
  quantity: number
}

export interface RejectedItem {
  kind: 'rejected'
  /** Null when the archive as a whole could not be read. */
  itemIndex: number | null
  itemType: string
  eventId: EventId | null
  code: string
  message: string
  /** How many items of one container ended so. */
  quantity: number
}
