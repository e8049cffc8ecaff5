import type { Settings } from '@rumen/config/read-settings'
import type { ReadArchive } from '@rumen/db/archive/read-archives'
import { type Grouping, group, MECHANISMS, type Mechanism, STRATEGIES, type Strategy } from '@rumen/grouping/group'
import { type Description, describe } from '@rumen/grouping/title'
import type { EventId } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { parseEnvelope } from '@rumen/protocol/envelope'
import type { EnvelopeHeader } from '@rumen/protocol/envelope-header'
import type { Event } from '@rumen/protocol/event'
import { eventIdFromHash, parseEventId } from '@rumen/protocol/event-id'
import { parseEventJson } from '@rumen/protocol/event-json'
import { ITEM_TYPES, treatmentOf } from '@rumen/protocol/item-type'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { decodeStoreBody } from '@rumen/protocol/store-body'
import { errorText } from '@rumen/telemetry/error-text'

/** What became of one item before anything was written. */
export type ItemDigest = DigestedEvent | UnsupportedItem | RejectedItem

export interface DigestedEvent {
  kind: 'event'
  itemIndex: number
  itemType: string
  event: Event
  grouping: Grouping
  description: Description
}

export interface UnsupportedItem {
  kind: 'unsupported'
  itemType: string
}

export interface RejectedItem {
  kind: 'rejected'
  /** Null when the archive as a whole could not be read. */
  itemIndex: number | null
  itemType: string
  eventId: EventId | null
  code: string
  message: string
}

export type DigestLimits = Pick<Settings, 'MAX_UNCOMPRESSED_PAYLOAD_BYTES' | 'MAX_EVENT_BYTES'>

/** The type that faults of the envelope itself are recorded under. */
const ENVELOPE = 'envelope'

/** How a project's events are grouped. */
export interface Rules {
  mechanism: Mechanism
  strategy: Strategy
}

/** Null for rules this version does not know: those of a project that a newer one has moved. */
export function readRules({ groupingMechanism, groupingStrategy }: ReadArchive): Rules | null {
  const mechanism = MECHANISMS.find((known) => known === groupingMechanism)
  const strategy = STRATEGIES.find((known) => known === groupingStrategy)
  return mechanism && strategy ? { mechanism, strategy } : null
}

/**
 * One archive, decoded, parsed, normalised and grouped, item by item. Input makes nothing throw: what cannot be read
 * becomes a rejected item, and costs the others nothing.
 */
export function digestArchive(archive: ReadArchive, rules: Rules, limits: DigestLimits): readonly ItemDigest[] {
  const context = { archive, limits, rules }
  try {
    const codings = parseContentEncoding(archive.encoding)
    const bytes = decode(archive.body, codings, limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
    return archive.endpoint === 'store' ? [digestStoreBody(context, bytes)] : digestEnvelope(context, bytes)
  } catch (error) {
    return [reject(archive, { index: null, type: ENVELOPE }, error)]
  }
}

interface Context {
  archive: ReadArchive
  limits: DigestLimits
  rules: Rules
}

interface EventItem {
  index: number
  type: string
  payload: Buffer
}

/** What an envelope's header adds to its event. */
type SaidByHeader = Pick<EnvelopeHeader, 'sentAt' | 'sdk'>

function digestStoreBody(context: Context, bytes: Buffer): ItemDigest {
  const payload = decodeStoreBody(bytes, context.limits.MAX_EVENT_BYTES)
  return digestEvent(context, { index: 0, type: 'event', payload }, { sentAt: null, sdk: null })
}

function digestEnvelope(context: Context, bytes: Buffer): ItemDigest[] {
  const { archive } = context
  const { header, items, fault } = parseEnvelope(bytes)
  let events = 0
  const digests = items.map((item): ItemDigest => {
    if (item.type === '') return reject(archive, item, new ProtocolError('bad_item_header'))
    if (treatmentOf(item.type) !== 'digest') return { kind: 'unsupported', itemType: nameOf(item.type) }
    // All items of an envelope belong to its one event id: a second event has none.
    if (++events > 1) return reject(archive, item, new ProtocolError('second_event'))
    return digestEvent(context, item, { sentAt: header.sentAt, sdk: header.sdk })
  })
  if (fault) digests.push(reject(archive, { index: items.length, type: ENVELOPE }, fault))
  return digests
}

/** As it stands in the ledger: types are free text on the wire, and each unknown one would be a row of its own. */
function nameOf(type: string): string {
  return ITEM_TYPES.some((known) => known === type) ? type : 'unknown'
}

/** The pipeline of one event; its lines are its stages. */
function digestEvent({ archive, limits, rules }: Context, item: EventItem, header: SaidByHeader): ItemDigest {
  try {
    if (item.payload.length > limits.MAX_EVENT_BYTES) {
      throw new ProtocolError('item_too_large', [], 'the event exceeds MAX_EVENT_BYTES')
    }
    const payload = parseEventJson(item.payload)
    // A store body says itself what it is, where an envelope has an item's header. (Relay, store endpoint)
    if (archive.endpoint === 'store' && payload.type === 'transaction') {
      return { kind: 'unsupported', itemType: payload.type }
    }
    const eventId =
      archive.eventId ?? parseEventId(payload.event_id) ?? eventIdFromHash(Buffer.from(archive.hash, 'hex'))
    const event = normaliseEvent(payload, {
      eventId,
      receivedAt: archive.receivedAt,
      ...header,
      clientIp: archive.clientIp,
      userAgent: archive.userAgent,
      client: archive.sentryClient,
    })
    const grouping = group(event, rules)
    return { kind: 'event', itemIndex: item.index, itemType: item.type, event, grouping, description: describe(event) }
  } catch (error) {
    return reject(archive, item, error)
  }
}

/** A fault of the format by its code; anything else is a fault of ours, and costs this one item all the same. */
function reject(archive: ReadArchive, item: { index: number | null; type: string }, error: unknown): RejectedItem {
  const fault = {
    kind: 'rejected',
    itemIndex: item.index,
    itemType: item.type || 'unknown',
    eventId: archive.eventId,
  } as const
  if (error instanceof ProtocolError) {
    return { ...fault, code: error.code, message: [error.message, ...error.causes].join(': ') }
  }
  return { ...fault, code: 'internal_error', message: errorText(error) }
}
