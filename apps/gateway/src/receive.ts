import type { Settings } from '@rumen/config/read-settings'
import type { Endpoint } from '@rumen/db/archive/archive-row'
import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { parseContentEncoding } from '@rumen/protocol/content-encoding'
import { matchDsn } from '@rumen/protocol/match-dsn'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { DIGEST_QUEUE, EXCESS_QUEUE } from '@rumen/queue/digest-queue'
import { type Claim, readClaim, type Sender, senderOf } from './admit/identify-sender.ts'
import type { KeyCache } from './admit/key-cache.ts'
import type { Limit } from './admit/limit.ts'
import { type OverloadGate, TOO_MANY_BYTES } from './admit/overload-gate.ts'
import type { Quotas } from './admit/quotas.ts'
import type { RateLimits } from './admit/rate-limits.ts'
import { Refusal } from './answer/refusal.ts'
import { LimitedError } from './answer/refuse.ts'
import type { BytesInFlight } from './body/bytes-in-flight.ts'
import type { CompressBody } from './body/compress-body.ts'
import type { BodyReader } from './body/read-body.ts'
import type { IngestRequest } from './ingest-request.ts'
import type { Keep, Kept } from './keep/keep.ts'
import { receiptOf } from './keep/receipt-of.ts'
import { type Opened, openBody } from './open-body.ts'

export interface Received {
  /** What is answered as the event's id; null where there is none to name. */
  eventId: EventId | null
  kept: Kept
  /** Of the body, as it came and as it is stored. */
  wireBytes: number
  storedBytes: number
}

/**
 * Takes one request: resolves after what it brought and its job are committed, or kept in the spool. Throws ProtocolError,
 * Refusal, LimitedError, NotKeptError, or what the database said.
 */
export type Receive = (request: IngestRequest) => Promise<Received>

export interface ReceiveContext {
  clientAddress: (incoming: IngestRequest['incoming']) => string | null
  rateLimits: RateLimits
  quotas: Pick<Quotas, 'check' | 'count'>
  isFair: (projectId: ProjectId) => boolean
  gate: Pick<OverloadGate, 'check'>
  keys: KeyCache
  bodies: Pick<BodyReader, 'read'>
  inFlight: BytesInFlight
  compressBody: CompressBody
  keep: Keep
  settings: Pick<Settings, 'MAX_COMPRESSED_PAYLOAD_BYTES' | 'MAX_UNCOMPRESSED_PAYLOAD_BYTES' | 'MAX_EVENT_BYTES'>
}

/** What is read of a request that is over a limit, to see whether it bears an event: sessions and their like are small. */
const LIMITED_BODY_BYTES_MAX = 256 * 1024

/** Where a request can come in that bears no event: it passes where events are limited. */
const MAY_BEAR_NO_EVENT: ReadonlySet<Endpoint> = new Set(['envelope', 'cron', 'nel'])

/** The steps of a request in their order, the cheapest first: nothing is kept of a sender without a key. */
export function createReceive(context: ReceiveContext): Receive {
  const { clientAddress, rateLimits, gate, keys, settings } = context
  return async (request) => {
    const address = clientAddress(request.incoming)
    const flood = rateLimits.requests.admitClient(address)
    const claim = readClaim(request)
    request.known.client = claim.authentication?.client ?? null
    const codings = parseContentEncoding(request.incoming.headers['content-encoding'])
    const sender = claim.authentication && knownSender(keys, claim.authentication.publicKey, claim)
    if (sender) request.known.projectId = sender.projectId
    const limit = flood ?? (sender && limitOf(context, sender, address))
    if (limit && !MAY_BEAR_NO_EVENT.has(request.endpoint)) throw new LimitedError(limit)
    const shed = gate.check()
    if (shed) throw shed.status === 429 ? new LimitedError(shed.limit) : new Refusal('disk_full')
    const bytesMax = limit ? LIMITED_BODY_BYTES_MAX : settings.MAX_COMPRESSED_PAYLOAD_BYTES
    return await withBody(context, { request, claim, sender, bytesMax, limit }, async ({ body, found, hold }) => {
      const contentType = request.incoming.headers['content-type'] ?? null
      const opened = await open({ request, body, codings, contentType, limits: settings, hold }, claim)
      const { withoutEvent } = rateLimits
      // Before anybody is asked about a key: a flood of made-up ones must not become a flood of queries.
      passAside(limit, opened, () => withoutEvent.admitClient(address))
      const known = found ?? (await senderOfOpened(keys, opened, claim))
      const { owner, publicKey, projectId } = known
      if (owner) request.known.projectId = projectId
      matchDsn(opened.header?.dsn ?? null, { publicKey: claim.authentication?.publicKey ?? null, projectId })
      const late = limit || sender ? null : limitOf(context, known, address)
      passAside(late, opened, () => withoutEvent.admitClient(address))
      passAside(limit ?? late, opened, () => owner && withoutEvent.admitProject({ address, owner, publicKey }))
      return await store(context, { request, opened, sender: known, claim, address, wireBytes: body.length })
    })
  }
}

interface Reading {
  request: IngestRequest
  claim: Claim
  /** Null where the key has to be asked about. */
  sender: Sender | null
  limit: Limit | null
  bytesMax: number
}

interface Read {
  body: Buffer
  /** Null where the body has to say who it is, or nobody was asked yet because of a limit. */
  found: Sender | null
  /** Counts what the body was decoded to among the bytes in flight; throws LimitedError when there is no room for it. */
  hold: (bytes: number) => void
}

/** Reads the body and, where it is not known yet, finds the sender; gives the body's memory back when `use` is done. */
async function withBody(
  { bodies, inFlight, keys }: ReceiveContext,
  { request, claim, sender, limit, bytesMax }: Reading,
  use: (read: Read) => Promise<Received>,
): Promise<Received> {
  const refused = new AbortController()
  let heldBytes = 0
  const hold = (bytes: number) => {
    if (!inFlight.take(bytes)) throw new LimitedError(TOO_MANY_BYTES)
    heldBytes += bytes
  }
  const reading = bodies.read(request.incoming, bytesMax, refused.signal).then(
    (body) => {
      heldBytes += body.length
      return body
    },
    (error: unknown) => {
      // Small as what bears no event is, this does.
      if (limit && error instanceof Refusal && error.reason === 'body_too_large') throw new LimitedError(limit)
      throw error
    },
  )
  try {
    // Both at once: while a key is looked up, a client that leaves after its last byte would take an unread body along.
    const [found, body] = await Promise.all([
      sender ?? (limit ? null : claim.authentication && findSender(keys, claim.authentication.publicKey, claim)),
      reading,
    ])
    return await use({ body, found, hold })
  } catch (error) {
    refused.abort()
    await reading.catch(() => null)
    throw error
  } finally {
    inFlight.give(heldBytes)
  }
}

function knownSender(keys: KeyCache, publicKey: Sender['publicKey'], claim: Claim): Sender | null {
  const found = keys.peek(publicKey)
  return found && senderOf(found, publicKey, claim)
}

async function findSender(keys: KeyCache, publicKey: Sender['publicKey'], claim: Claim): Promise<Sender> {
  return senderOf(await keys.find(publicKey), publicKey, claim)
}

/** An SDK behind a tunnel authenticates in the envelope alone. */
async function senderOfOpened(keys: KeyCache, { header }: Opened, claim: Claim): Promise<Sender> {
  if (claim.authentication) return await findSender(keys, claim.authentication.publicKey, claim)
  const dsn = header?.dsn
  if (!dsn) throw new ProtocolError('missing_authorization')
  const projectId = claim.projectId ?? dsn.projectId
  matchDsn(dsn, { publicKey: null, projectId })
  return await findSender(keys, dsn.publicKey, { ...claim, projectId })
}

/** Where the envelope was to authenticate its request, a header that cannot be read is no authentication. */
async function open(body: Parameters<typeof openBody>[0], { authentication }: Claim): Promise<Opened> {
  try {
    return await openBody(body)
  } catch (error) {
    if (!authentication && error instanceof ProtocolError && error.code === 'bad_envelope_header') {
      throw new ProtocolError('bad_authorization', error.causes, 'bad envelope authentication header')
    }
    throw error
  }
}

/** What a project and its key may send; nobody knows what those may who could not be asked about. */
function limitOf(
  { rateLimits, quotas }: ReceiveContext,
  { owner, publicKey }: Sender,
  address: string | null,
): Limit | null {
  return owner && (rateLimits.requests.admitProject({ address, owner, publicKey }) ?? quotas.check(owner))
}

/** Sessions, check-ins and client reports pass where events are limited, within a limit of their own. */
function passAside(limit: Limit | null, opened: Opened, ask: () => Limit | null): void {
  if (!limit) return
  const refusal = opened.bearsEvent ? limit : ask()
  if (refusal) throw new LimitedError(refusal)
}

interface Admitted {
  request: IngestRequest
  opened: Opened
  sender: Sender
  claim: Claim
  address: string | null
  wireBytes: number
}

async function store(context: ReceiveContext, admitted: Admitted): Promise<Received> {
  const { compressBody, isFair, keep, quotas } = context
  const { opened, sender, claim, wireBytes } = admitted
  const body = opened.codings.length === 0 ? await compressBody(opened.bytes) : opened.bytes
  // Nobody spends a project's fair rate with a key that nobody could be asked about.
  const queue = sender.owner && isFair(sender.projectId) ? DIGEST_QUEUE : EXCESS_QUEUE
  const receipt = receiptOf({ ...admitted, authentication: claim.authentication, body, queue })
  const keeping = admitted.request.trace?.child('keep')
  const kept = await keep.keep(receipt, sender.owner ? null : sender.publicKey).finally(keeping?.end)
  if (opened.bearsEvent && sender.owner) quotas.count(sender.owner)
  return { eventId: receipt.archive.eventId, kept, wireBytes, storedBytes: body.length }
}
