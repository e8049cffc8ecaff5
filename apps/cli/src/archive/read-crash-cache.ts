import { dayOf } from '@rumen/db/partition/day'
import type { EventId } from '@rumen/protocol/brand'
import { decode } from '@rumen/protocol/content-encoding'
import { readEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { isEventJson } from '@rumen/protocol/is-event-json'
import { HEADER_BYTES_MAX, INTEGER_MAX } from '@rumen/protocol/limits'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import type { JsonObject } from '@rumen/protocol/record'
import { decodeStoreBody, readStoreEventId } from '@rumen/protocol/store-body'
import { readMoment } from '../read-moment.ts'
import { type IncomingArchive, readBody, readHash, readId } from './incoming.ts'
import { LineFault } from './line-fault.ts'

/** In bytes, after decompression; named as the settings are. */
export interface CrashCacheLimits {
  MAX_UNCOMPRESSED_PAYLOAD_BYTES: number
  MAX_EVENT_BYTES: number
}

/**
 * An archive of crash-cache's: `{"hash", "project_id", "compressed_payload", "original_size", "created_at"}`, the payload gzip in base64, its hash
 * that of the gzip, the time UTC without a zone. Which endpoint took it is not written down: as crash-cache does itself, what is
 * one JSON object is an event, anything else an envelope. Throws LineFault.
 */
export function readCrashCache(value: JsonObject, limits: CrashCacheLimits): IncomingArchive {
  const body = readBody(value.compressed_payload)
  const hash = readHash(value.hash, body)
  const { at, text } = readMoment(value.created_at)
  const { original_size: size } = value
  const row = {
    ...openPayload(body, hash, limits),
    day: dayOf(at),
    hash,
    receivedAt: at,
    receivedAtText: text,
    encoding: 'gzip',
    clientIp: null,
    userAgent: null,
    sentryClient: null,
    queryRelease: null,
    queryEnvironment: null,
    // Said of what came plain; what came in gzip is as long as it is.
    wireBytes:
      typeof size === 'number' && Number.isInteger(size) && size > 0 && size <= INTEGER_MAX ? size : body.length,
    body,
  }
  return { source: { id: readId(value.project_id), slug: null, isCrashCache: true }, row, wholeHash: null }
}

interface Payload {
  endpoint: 'store' | 'envelope'
  contentType: string
  eventId: EventId | null
}

function openPayload(body: Buffer, hash: Buffer, limits: CrashCacheLimits): Payload {
  try {
    const bytes = decode(body, ['gzip'], limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
    if (!isEventJson(bytes, limits.MAX_EVENT_BYTES)) {
      const { eventId } = readEnvelopeHeader(bytes, [], HEADER_BYTES_MAX)
      return { endpoint: 'envelope', contentType: 'application/x-sentry-envelope', eventId }
    }
    const eventId = readStoreEventId(decodeStoreBody(bytes, limits.MAX_EVENT_BYTES)) ?? eventIdFromHash(hash)
    return { endpoint: 'store', contentType: 'application/json', eventId }
  } catch (error) {
    if (error instanceof ProtocolError) throw new LineFault(`the payload cannot be read: ${error.message}`)
    throw error
  }
}
