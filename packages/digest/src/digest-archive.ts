import type { GroupingConfig } from '@rumen/grouping/config'
import type { EventId } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { type Item, parseEnvelope } from '@rumen/protocol/envelope'
import type { EnvelopeHeader } from '@rumen/protocol/envelope-header'
import { isItemType, treatmentOf } from '@rumen/protocol/item-type'
import { crashEvent } from '@rumen/protocol/minidump-event'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { decodeStoreBody } from '@rumen/protocol/store-body'
import { errorText } from '@rumen/telemetry/error-text'
import { digestCrash } from './digest-event.ts'
import { digestItem } from './digest-item.ts'
import { type ItemDigest, type RejectedItem, weightOf } from './item-digest.ts'

/** In bytes, after decompression; named as the settings are. */
export interface DigestLimits {
  MAX_UNCOMPRESSED_PAYLOAD_BYTES: number
  MAX_EVENT_BYTES: number
}

/** What was kept of a request, as far as its digest depends on it. */
export interface DigestedArchive {
  eventId: EventId | null
  /** 64 hexadecimal characters. */
  hash: string
  receivedAt: Date
  endpoint: string
  encoding: string
  clientIp: string | null
  userAgent: string | null
  sentryClient: string | null
  body: Buffer
}

/** How a project's events are grouped; while it moves from one way to another, also how they were. */
export interface GroupingConfigs {
  current: GroupingConfig
  former: GroupingConfig | null
}

/** What every item of an archive is read with. */
export interface Context {
  archive: DigestedArchive
  limits: DigestLimits
  configs: GroupingConfigs
  /** What an envelope's header adds to its items. */
  header: Pick<EnvelopeHeader, 'sentAt' | 'sdk'>
  /** Whether the envelope's event id is an event's, which other items then leave to it. */
  hasEvent: boolean
  /** Position of an item's bytes in the decoded archive. */
  offsetOf: (item: Item) => number
}

/** The type that faults of the envelope itself are recorded under. */
const ENVELOPE = 'envelope'

/** By `weightOf`. One item may hold a thousand logs, and an envelope a thousand items: what is beyond is not looked at. */
const WEIGHT_MAX = 20_000

/**
 * One archive, decoded, parsed, normalised and grouped, item by item. Input makes nothing throw: what cannot be read
 * becomes a rejected item, and costs the others nothing.
 */
export function digestArchive(
  archive: DigestedArchive,
  configs: GroupingConfigs,
  limits: DigestLimits,
): readonly ItemDigest[] {
  try {
    const codings = parseContentEncoding(archive.encoding)
    const bytes = decode(archive.body, codings, limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
    const context = { archive, limits, configs }
    return archive.endpoint === 'store' ? digestStoreBody(context, bytes) : digestEnvelope(context, bytes)
  } catch (error) {
    return [reject(archive, { index: null, type: ENVELOPE }, error)]
  }
}

type Undecoded = Pick<Context, 'archive' | 'limits' | 'configs'>

function digestStoreBody(context: Undecoded, bytes: Buffer): readonly ItemDigest[] {
  const payload = decodeStoreBody(bytes, context.limits.MAX_EVENT_BYTES)
  const item: Item = { index: 0, type: 'event', headers: {}, payload }
  return digestSafely({ ...context, header: { sentAt: null, sdk: null }, hasEvent: true, offsetOf: () => 0 }, item)
}

function digestEnvelope(undecoded: Undecoded, bytes: Buffer): readonly ItemDigest[] {
  const { archive } = undecoded
  const { header, items, fault } = parseEnvelope(bytes)
  const hasEvent = items.some(({ type }) => treatmentOf(type) === 'event')
  const offsetOf = (item: Item) => item.payload.byteOffset - bytes.byteOffset
  const context: Context = { ...undecoded, header, hasEvent, offsetOf }
  const digests: ItemDigest[] = []
  const met = new Set<string>()
  let weight = 0
  for (const item of items) {
    if (weight >= WEIGHT_MAX) {
      const { length } = items.slice(item.index)
      digests.push({ ...reject(archive, item, new ProtocolError('too_many_items')), quantity: length })
      break
    }
    const ofItem = digestOnce(context, item, met)
    for (const digest of ofItem) weight += weightOf(digest)
    digests.push(...ofItem)
  }
  if (!met.has('event')) digests.push(...digestCrashOf(context, items))
  if (fault) digests.push(reject(archive, { index: items.length, type: ENVELOPE }, fault))
  return digests
}

/** Of these an envelope holds one: it is known by the envelope's event id, and a second one would have none. */
const ONCE: ReadonlySet<string> = new Set(['event', 'transaction', 'feedback'])

function digestOnce(context: Context, item: Item, met: Set<string>): readonly ItemDigest[] {
  const treatment = treatmentOf(item.type)
  if (ONCE.has(treatment) && met.has(treatment)) {
    return [reject(context.archive, item, new ProtocolError('second_event'))]
  }
  const digests = digestSafely(context, item)
  // One that could not be read stands in nobody's way.
  if (digests.some(({ kind }) => kind !== 'rejected')) met.add(treatment)
  return digests
}

function digestSafely(context: Context, item: Item): readonly ItemDigest[] {
  try {
    if (item.type === '') throw new ProtocolError('bad_item_header')
    return digestItem(context, item)
  } catch (error) {
    return [reject(context.archive, item, error)]
  }
}

/** What a crash reporter sends is no event but a dump and what it knew beside it: an event is made of them. */
function digestCrashOf(context: Context, items: readonly Item[]): readonly ItemDigest[] {
  const attachments = items.filter(({ type }) => type === 'attachment' || type === 'form_data')
  try {
    const crash = attachments.length === 0 ? null : crashEvent({ items: attachments })
    return crash === null ? [] : digestCrash(context, crash)
  } catch (error) {
    return [reject(context.archive, { index: null, type: 'minidump' }, error)]
  }
}

/** A fault of the format by its code; anything else is a fault of ours, and costs this one item all the same. */
function reject(archive: DigestedArchive, item: { index: number | null; type: string }, error: unknown): RejectedItem {
  const { code, message } = faultOf(error)
  const itemType = item.type === ENVELOPE || item.type === 'minidump' ? item.type : nameOf(item.type)
  return {
    kind: 'rejected',
    itemIndex: item.index,
    itemType,
    eventId: archive.eventId,
    code,
    message,
    quantity: 1,
  }
}

function faultOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof ProtocolError)) return { code: 'internal_error', message: errorText(error) }
  return { code: error.code, message: [error.message, ...error.causes].join(': ') }
}

/** As it stands in the ledger: types are free text on the wire, and each unknown one would be a row of its own. */
function nameOf(type: string): string {
  return isItemType(type) ? type : 'unknown'
}
