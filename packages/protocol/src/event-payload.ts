import type { EventId } from './brand.ts'
import { type Item, parseEnvelope } from './envelope.ts'
import type { EnvelopeHeader } from './envelope-header.ts'
import { parseEventId } from './event-id.ts'
import { parseEventJson } from './event-json.ts'
import { archiveEventId, logKeys, securityReportKey } from './item-key.ts'
import { treatmentOf } from './item-type.ts'
import { crashEvent } from './minidump-event.ts'
import { readLogs } from './read-logs.ts'
import type { JsonObject } from './record.ts'
import { securityEvent } from './security-event.ts'
import { decodeStoreBody } from './store-body.ts'

/** What is known of an archive besides its bytes. */
export interface ArchivedRequest {
  readonly eventId: EventId | null
  /** 64 hexadecimal characters. */
  readonly hash: string
  readonly endpoint: string
  readonly userAgent: string | null
}

/** An event's JSON, with what the header of its envelope adds to it. */
export interface EventPayload {
  readonly payload: JsonObject
  readonly header: Pick<EnvelopeHeader, 'sentAt' | 'sdk'>
}

/**
 * The event of that id in a decoded archive, as the digest found it there: sent as one, or made of a security report, a log
 * or a crash reporter's files. `null` when the archive holds none of that id. Throws a ProtocolError for what cannot be
 * read; the digest has rejected it then.
 */
export function findEventPayload(
  archive: ArchivedRequest,
  bytes: Buffer,
  { eventId, eventBytesMax }: { eventId: EventId; eventBytesMax: number },
): EventPayload | null {
  if (archive.endpoint === 'store') {
    return { payload: parseEventJson(decodeStoreBody(bytes, eventBytesMax)), header: { sentAt: null, sdk: null } }
  }
  const { header, items } = parseEnvelope(bytes)
  const isWanted = (id: EventId) => id === eventId
  const hasEvent = items.some(({ type }) => treatmentOf(type) === 'event')
  for (const item of items) {
    const payload = payloadIn(archive, item, { isWanted, hasEvent })
    if (payload !== null) return { payload, header }
  }
  const crash = crashEvent({ items: items.filter(({ type }) => type === 'attachment' || type === 'form_data') })
  const isCrash = crash !== null && isWanted(archiveEventId(archive, parseEventId(crash.event_id)))
  return isCrash ? { payload: crash, header } : null
}

function payloadIn(
  archive: ArchivedRequest,
  item: Item,
  { isWanted, hasEvent }: { isWanted: (id: EventId) => boolean; hasEvent: boolean },
): JsonObject | null {
  const treatment = treatmentOf(item.type)
  if (treatment === 'event') {
    const payload = parseEventJson(item.payload)
    return isWanted(archiveEventId(archive, parseEventId(payload.event_id))) ? payload : null
  }
  if (treatment === 'raw_security') {
    const id = securityReportKey(archiveEventId(archive, null), item.index, hasEvent)
    return isWanted(id) ? securityEvent(parseEventJson(item.payload), item.headers, archive.userAgent) : null
  }
  if (treatment !== 'log') return null
  const keyOf = logKeys(item.payload)
  return readLogs(parseEventJson(item.payload)).logs.find((_, place) => isWanted(keyOf(place)))?.payload ?? null
}
