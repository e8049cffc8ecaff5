import { randomUUID } from 'node:crypto'
import type { Settings } from '@rumen/config/read-settings'
import { attachmentsEnvelope } from '@rumen/protocol/attachments-envelope'
import type { EventId } from '@rumen/protocol/brand'
import { checkInEnvelope } from '@rumen/protocol/check-in-envelope'
import { type Coding, decode } from '@rumen/protocol/content-encoding'
import { type EnvelopeHeader, readEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { parseEventId } from '@rumen/protocol/event-id'
import { HEADER_BYTES_MAX } from '@rumen/protocol/limits'
import { minidumpEnvelope } from '@rumen/protocol/minidump-envelope'
import { nelEnvelope } from '@rumen/protocol/nel-envelope'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { securityEnvelope } from '@rumen/protocol/security-envelope'
import { openStoreBody, readStoreEventId, storeQueryBody } from '@rumen/protocol/store-body'
import { userReportEnvelope } from '@rumen/protocol/user-report-envelope'
import type { IngestRequest } from './ingest-request.ts'

/** A body as far as its answer needs it. */
export interface Opened {
  /** What is archived, and its codings: as it came, or as the envelope it was turned into (none). */
  bytes: Buffer
  codings: readonly Coding[]
  format: 'envelope' | 'store'
  /** Of the envelope as it came; null for everything else. */
  header: EnvelopeHeader | null
  /** As the sender gave it. */
  eventId: EventId | null
  /** It has an event id, given or not: one is made from the archive's hash where the sender gave none. */
  needsEventId: boolean
  /** It counts as an event where events are limited; sessions, check-ins and client reports do not. */
  bearsEvent: boolean
}

export type OpenLimits = Pick<Settings, 'MAX_UNCOMPRESSED_PAYLOAD_BYTES' | 'MAX_EVENT_BYTES'>

interface Body {
  request: IngestRequest
  body: Buffer
  codings: readonly Coding[]
  contentType: string | null
  limits: OpenLimits
  /** Told what a body was decoded to, where that may be large: it is held in memory until the answer. */
  hold: (bytes: number) => void
}

type Open = (body: Body) => Opened | Promise<Opened>

/**
 * Decodes no more than the answer needs: of an envelope its first line. The rare other bodies are decoded whole, within
 * bounds, and all but events alone become envelopes, so that archive and digest know two formats.
 */
export async function openBody(body: Body): Promise<Opened> {
  return await OPEN[body.request.endpoint](body)
}

const OPEN = {
  envelope: openEnvelope,
  store({ request, body, codings, contentType, limits }) {
    const sent = request.query.get('sentry_data')
    const bytes = request.incoming.method === 'GET' ? storeQueryBody(sent ?? '') : body
    const opened = openStoreBody({ body: bytes, codings, contentType, eventBytesMax: limits.MAX_EVENT_BYTES })
    if (opened.kind === 'envelope') return openEnvelope({ body: bytes, codings })
    const eventId = readStoreEventId(opened.json)
    return { bytes, codings, format: 'store', header: null, eventId, needsEventId: true, bearsEvent: true }
  },
  security({ request: { query }, body, codings, contentType, limits }) {
    // Reports have no id of their own: those of two browsers may be equal byte for byte and are two all the same.
    const eventId = randomEventId()
    const [release, environment] = [query.get('sentry_release'), query.get('sentry_environment')]
    const report = decode(body, codings, limits.MAX_EVENT_BYTES, 'MAX_EVENT_BYTES')
    return madeOf(securityEnvelope({ body: report, contentType, query: { release, environment }, eventId }), {
      eventId,
      bearsEvent: true,
    })
  },
  nel({ body, codings, contentType, limits }) {
    return madeOf(
      nelEnvelope({ body: decode(body, codings, limits.MAX_EVENT_BYTES, 'MAX_EVENT_BYTES'), contentType }),
      {
        eventId: null,
        bearsEvent: false,
      },
    )
  },
  async minidump({ request: { query }, body, codings, contentType, limits, hold }) {
    const bytes = decodeHeld({ body, codings, limits, hold })
    const { envelope, eventId } = await minidumpEnvelope({ body: bytes, contentType, query })
    return { ...madeOf(envelope, { eventId, bearsEvent: true }), needsEventId: true }
  },
  async attachments({ request: { path }, body, codings, contentType, limits, hold }) {
    const eventId = parseEventId(path.eventId)
    if (eventId === null) throw new ProtocolError('bad_event_id')
    const bytes = decodeHeld({ body, codings, limits, hold })
    return madeOf(await attachmentsEnvelope({ body: bytes, contentType, eventId }), { eventId, bearsEvent: true })
  },
  cron({ request: { path, query, receivedAt }, body, codings, contentType, limits }) {
    const bytes = body.length === 0 ? body : decode(body, codings, limits.MAX_EVENT_BYTES, 'MAX_EVENT_BYTES')
    const checkIn = { slug: path.slug ?? '', body: bytes, contentType, query, receivedAt }
    return madeOf(checkInEnvelope(checkIn), { eventId: null, bearsEvent: false })
  },
  feedback({ request: { query }, body, codings, limits }) {
    const { envelope, eventId } = userReportEnvelope({
      body: decode(body, codings, limits.MAX_EVENT_BYTES, 'MAX_EVENT_BYTES'),
      query,
    })
    return madeOf(envelope, { eventId, bearsEvent: true })
  },
} as const satisfies Record<IngestRequest['endpoint'], Open>

function openEnvelope({ body, codings }: Pick<Body, 'body' | 'codings'>): Opened {
  const header = readEnvelopeHeader(body, codings, HEADER_BYTES_MAX)
  const { eventId } = header
  return {
    bytes: body,
    codings,
    format: 'envelope',
    header,
    eventId,
    needsEventId: false,
    bearsEvent: eventId !== null,
  }
}

/** Dumps pack about ten to one; what unfolds to much more is a bomb, and is noticed at that. */
const DUMP_RATIO_MAX = 32
const DUMP_BYTES_MIN = 64 * 1024

function decodeHeld({ body, codings, limits, hold }: Pick<Body, 'body' | 'codings' | 'limits' | 'hold'>): Buffer {
  const bytesMax = Math.min(limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES, DUMP_BYTES_MIN + DUMP_RATIO_MAX * body.length)
  const bytes = decode(body, codings, codings.length === 0 ? limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES : bytesMax)
  if (codings.length > 0) hold(bytes.length)
  return bytes
}

function madeOf(envelope: Buffer, { eventId, bearsEvent }: Pick<Opened, 'eventId' | 'bearsEvent'>): Opened {
  return { bytes: envelope, codings: [], format: 'envelope', header: null, eventId, needsEventId: false, bearsEvent }
}

function randomEventId(): EventId {
  // A random UUID without its dashes is what the brand promises.
  return randomUUID().replaceAll('-', '') as EventId
}
