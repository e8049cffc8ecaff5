import { hash } from 'node:crypto'
import type { EventId } from './brand.ts'
import { eventIdFromHash } from './event-id.ts'

/** 16 bytes of the SHA-256 of what makes an item itself, in the form of an event id: both stand in one table. */
export function itemKey(...identity: readonly (string | Uint8Array)[]): EventId {
  const digests = identity.map((part) => hash('sha256', part, 'hex'))
  return eventIdFromHash(hash('sha256', digests.join(' '), 'buffer'))
}

/** The id of an archive's event: the header's, the payload's, else one made of the bytes, as the gateway answered it. */
export function archiveEventId(
  archive: { readonly eventId: EventId | null; readonly hash: string },
  said: EventId | null,
): EventId {
  return archive.eventId ?? said ?? eventIdFromHash(Buffer.from(archive.hash, 'hex'))
}

/** The id of the log at a place of a container (the bytes of a `log` item): the same container holds the same logs. */
export function logKeys(container: Uint8Array): (place: number) => EventId {
  const key = itemKey('log', container)
  return (place) => itemKey(key, String(place))
}

/**
 * Reports of a list came with one event id: the first has it, unless an event among them does; the others have one made of
 * it and their place.
 */
export function securityReportKey(eventId: EventId, place: number, hasEvent: boolean): EventId {
  return place === 0 && !hasEvent ? eventId : itemKey('raw_security', eventId, String(place))
}
