import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Settings } from '@rumen/config/read-settings'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { dayOf } from '@rumen/db/partition/day'
import type { KeyOwner } from '@rumen/db/project/find-key'
import { type Authentication, readAuthentication } from '@rumen/protocol/authentication'
import type { EventId, ProjectId, PublicKey } from '@rumen/protocol/brand'
import { type Coding, compress, decode, parseContentEncoding, STORED_CODING } from '@rumen/protocol/content-encoding'
import { type EnvelopeHeader, readEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { HEADER_BYTES_MAX } from '@rumen/protocol/limits'
import { matchDsn } from '@rumen/protocol/match-dsn'
import { parseProjectId } from '@rumen/protocol/project-id'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { decodeStoreBody, isEnvelope, readStoreEventId } from '@rumen/protocol/store-body'
import { readText } from '@rumen/protocol/text'
import { DIGEST_QUEUE } from '@rumen/queue/digest-queue'
import type { KeyCache } from './admit/key-cache.ts'
import { Refusal } from './answer/refusal.ts'
import { readBoundedBody } from './body/bounded-body.ts'
import type { GroupCommit } from './keep/group-commit.ts'

export interface IngestRequest {
  endpoint: 'envelope' | 'store'
  /** As it stands in the path. */
  project: string
  incoming: IncomingMessage
  receivedAt: Date
}

/**
 * Takes one request: resolves with the event id to answer, null when the envelope's header names none, after the body
 * and its job are committed. Throws ProtocolError, Refusal, OverloadedError, or what the database said.
 */
export type Receive = (request: IngestRequest) => Promise<EventId | null>

type Limits = Pick<Settings, 'MAX_COMPRESSED_PAYLOAD_BYTES' | 'MAX_UNCOMPRESSED_PAYLOAD_BYTES' | 'MAX_EVENT_BYTES'>

/** Headers and query values are free text of the sender's. */
const TEXT_LIMIT = { charsMax: 512, allowance: 0 }

/** The steps of a request in their order, the cheapest first: nothing is kept of a sender without a key. */
export function createReceive({
  keys,
  groupCommit,
  settings,
  wakeWorkers,
}: {
  keys: KeyCache
  groupCommit: GroupCommit
  settings: Limits
  wakeWorkers: () => void
}): Receive {
  return async ({ endpoint, project, incoming, receivedAt }) => {
    const projectId = parseProjectId(project)
    const query = new URLSearchParams(queryOf(incoming))
    const authentication = authenticate(incoming, query)
    // Only an envelope may bring its key along.
    if (!authentication && endpoint === 'store') throw new ProtocolError('missing_authorization')
    const codings = parseContentEncoding(incoming.headers['content-encoding'])
    const refused = new AbortController()
    const reading = readBoundedBody(incoming, settings.MAX_COMPRESSED_PAYLOAD_BYTES, refused.signal)
    // Both at once: while a key is looked up, a client that leaves after its last byte would take an unread body along.
    const [known, body] = await Promise.all([
      authentication && requireOwner(keys, authentication.publicKey, projectId),
      reading,
    ]).catch((error: unknown) => {
      refused.abort()
      throw error
    })
    const received = { endpoint, body, codings, contentType: incoming.headers['content-type'] ?? null }
    const opened = authentication ? open(received, settings) : openUnauthenticated(received, settings)
    const owner = known ?? (await ownerByDsn(keys, opened.header, projectId))
    matchDsn(opened.header?.dsn ?? null, { publicKey: authentication?.publicKey ?? null, projectId })
    const stored = store(body, codings)
    const eventId = opened.eventId ?? (opened.header ? null : eventIdFromHash(stored.hash))
    const archive: ArchiveRow = {
      projectId,
      day: dayOf(receivedAt),
      ...stored,
      eventId,
      receivedAt,
      endpoint: opened.header ? 'envelope' : 'store',
      ...senderOf(incoming, query, authentication),
      wireBytes: body.length,
    }
    await groupCommit.commit({ archive, queue: DIGEST_QUEUE, priority: owner.priority })
    wakeWorkers()
    return eventId
  }
}

function authenticate(incoming: IncomingMessage, query: URLSearchParams): Authentication | null {
  const sentryAuth = incoming.headers['x-sentry-auth']
  return readAuthentication({
    sentryAuth: Array.isArray(sentryAuth) ? sentryAuth[0] : sentryAuth,
    authorization: incoming.headers.authorization,
    query,
  })
}

async function requireOwner(keys: KeyCache, publicKey: PublicKey, projectId: ProjectId): Promise<KeyOwner> {
  const owner = await keys.find(publicKey, projectId)
  if (!owner) throw new Refusal('unknown_key')
  return owner
}

/** An SDK behind a tunnel authenticates in the envelope alone. */
async function ownerByDsn(keys: KeyCache, header: EnvelopeHeader | null, projectId: ProjectId): Promise<KeyOwner> {
  const dsn = header?.dsn
  if (!dsn) throw new ProtocolError('missing_authorization')
  matchDsn(dsn, { publicKey: null, projectId })
  return await requireOwner(keys, dsn.publicKey, projectId)
}

interface Opened {
  /** Null for a store body. */
  header: EnvelopeHeader | null
  eventId: EventId | null
}

interface ReceivedBody {
  endpoint: IngestRequest['endpoint']
  body: Buffer
  codings: readonly Coding[]
  contentType: string | null
}

/** Decodes no more than the answer needs: of an envelope its first line, of the rare store body all. */
function open({ endpoint, body, codings, contentType }: ReceivedBody, limits: Limits): Opened {
  if (endpoint === 'envelope') return openEnvelope(body, codings)
  const bytes = decode(body, codings, limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
  if (isEnvelope(contentType, bytes)) return openEnvelope(body, codings)
  const json = decodeStoreBody(bytes, limits.MAX_EVENT_BYTES)
  return { header: null, eventId: readStoreEventId(json) }
}

/** Where the envelope was to authenticate its request, a header that cannot be read is no authentication. */
function openUnauthenticated(received: ReceivedBody, limits: Limits): Opened {
  try {
    return open(received, limits)
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'bad_envelope_header') {
      throw new ProtocolError('bad_authorization', error.causes, 'bad envelope authentication header')
    }
    throw error
  }
}

function openEnvelope(body: Buffer, codings: readonly Coding[]) {
  const header = readEnvelopeHeader(body, codings, HEADER_BYTES_MAX)
  return { header, eventId: header.eventId }
}

/** What is kept: the bytes as they came, or compressed when they came plain. */
function store(body: Buffer, codings: readonly Coding[]): Pick<ArchiveRow, 'body' | 'encoding' | 'hash'> {
  const kept = codings.length === 0 ? compress(body) : body
  const encoding = codings.length === 0 ? STORED_CODING : codings.join(', ')
  return { body: kept, encoding, hash: hash('sha256', kept, 'buffer') }
}

function senderOf(
  incoming: IncomingMessage,
  query: URLSearchParams,
  authentication: Authentication | null,
): Pick<ArchiveRow, 'contentType' | 'clientIp' | 'userAgent' | 'sentryClient' | 'queryRelease' | 'queryEnvironment'> {
  return {
    contentType: readText(incoming.headers['content-type'], TEXT_LIMIT),
    clientIp: addressOf(incoming),
    userAgent: readText(incoming.headers['user-agent'], TEXT_LIMIT),
    sentryClient: authentication?.client ?? null,
    queryRelease: readText(query.get('sentry_release'), TEXT_LIMIT),
    queryEnvironment: readText(query.get('sentry_environment'), TEXT_LIMIT),
  }
}

/** The peer's address without an IPv4 prefix or a zone; null when it has gone. */
function addressOf(incoming: IncomingMessage): string | null {
  const address = (incoming.socket.remoteAddress ?? '').replace(/^::ffff:/, '').replace(/%.*$/, '')
  return isIP(address) === 0 ? null : address
}

function queryOf(incoming: IncomingMessage): string {
  const url = incoming.url ?? ''
  const start = url.indexOf('?')
  return start === -1 ? '' : url.slice(start + 1)
}
