import { isIP } from 'node:net'
import { ENDPOINTS, type Endpoint } from '@rumen/db/archive/archive-row'
import type { EventId } from '@rumen/protocol/brand'
import { decodeStart, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { parseEventId } from '@rumen/protocol/event-id'
import { INTEGER_MAX } from '@rumen/protocol/limits'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { isRecord, type JsonObject } from '@rumen/protocol/record'
import { readText } from '@rumen/protocol/text'
import { readMoment } from '../read-moment.ts'
import { type IncomingArchive, readBody, readHash, readId, readWholeHash } from './incoming.ts'
import { checksumOf, FORMAT, type NamedProject } from './line.ts'
import { LineFault } from './line-fault.ts'
import { type CrashCacheLimits, readCrashCache } from './read-crash-cache.ts'

export type Line =
  | { kind: 'head'; projects: readonly NamedProject[] }
  | { kind: 'archive'; incoming: IncomingArchive }
  | { kind: 'end'; count: number }

/** As the gateway keeps headers and query values. */
const TEXT_LIMIT = { charsMax: 512, allowance: 0 }
const CHECKSUM = /^,"crc32":"([0-9a-f]{8})"\}$/
const CHECKSUM_BYTES = ',"crc32":"00000000"}'.length

/**
 * One line of an export of Rumen's or of crash-cache's. Throws LineFault for whatever is wrong with it: its checksum, the hash of
 * its body, an encoding that does not decode, a member that is not what it must be.
 */
export function readLine(bytes: Buffer, limits: CrashCacheLimits): Line {
  const value = parse(bytes)
  if (value.rumen_archives !== undefined) return readFrame(value)
  if (value.rumen_archive !== undefined) return { kind: 'archive', incoming: readArchive(value, bytes) }
  if (value.compressed_payload !== undefined) return { kind: 'archive', incoming: readCrashCache(value, limits) }
  throw new LineFault('neither an archive of Rumen nor one of crash-cache')
}

function parse(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (isRecord(value)) return value
  } catch {
    // What the parser says quotes the line, which may be long and hold anything.
  }
  throw new LineFault('no JSON object')
}

function requireFormat(version: unknown): void {
  if (version === FORMAT) return
  throw new LineFault(`format ${typeof version === 'number' ? version : '?'} is not known to this version of Rumen`)
}

function readFrame({ rumen_archives: version, projects, count }: JsonObject): Line {
  requireFormat(version)
  if (typeof count === 'number' && Number.isSafeInteger(count)) return { kind: 'end', count }
  if (!Array.isArray(projects)) throw new LineFault('neither a first line nor a last one')
  const named = projects.map((one: unknown) => {
    if (!isRecord(one) || typeof one.slug !== 'string') throw new LineFault('projects are not what they should be')
    return { id: readId(one.id), slug: one.slug }
  })
  return { kind: 'head', projects: named }
}

function readArchive(value: JsonObject, bytes: Buffer): IncomingArchive {
  requireFormat(value.rumen_archive)
  if (value.crc32 !== undefined) verifyChecksum(bytes)
  const { at, text } = readMoment(value.received_at)
  if (value.day !== text.slice(0, 10)) throw new LineFault('day is not that of received_at')
  const body = readBody(value.body)
  const row = {
    day: text.slice(0, 10),
    hash: readHash(value.hash, body),
    eventId: readEvent(value.event_id),
    receivedAt: at,
    receivedAtText: text,
    endpoint: readEndpoint(value.endpoint),
    contentType: readNullable(value, 'content_type'),
    encoding: readEncoding(value.encoding, body),
    clientIp: readIp(value.client_ip),
    userAgent: readNullable(value, 'user_agent'),
    sentryClient: readNullable(value, 'sentry_client'),
    queryRelease: readNullable(value, 'query_release'),
    queryEnvironment: readNullable(value, 'query_environment'),
    wireBytes: readSize(value.wire_bytes),
    body,
  }
  const slug = typeof value.project === 'string' ? value.project : null
  return {
    source: { id: readId(value.project_id), slug, isCrashCache: false },
    row,
    wholeHash: readWholeHash(value.whole_hash),
  }
}

function verifyChecksum(bytes: Buffer): void {
  const members = bytes.subarray(0, -CHECKSUM_BYTES)
  const [, said] = CHECKSUM.exec(bytes.toString('latin1', members.length)) ?? []
  if (said !== checksumOf(members)) throw new LineFault('the checksum does not fit: something in the line was changed')
}

/** Undoes no more than a beginning: what shows only further behind is for the digest, as at the door. */
function readEncoding(value: unknown, body: Buffer): string {
  if (typeof value !== 'string') throw new LineFault('encoding is missing')
  try {
    decodeStart(body, parseContentEncoding(value), 1)
    return value
  } catch (error) {
    if (error instanceof ProtocolError) throw new LineFault(`the body does not decode: ${error.message}`)
    throw error
  }
}

function readEvent(value: unknown): EventId | null {
  if (value === null || value === undefined) return null
  const id = parseEventId(value)
  if (id === null) throw new LineFault('event_id is none')
  return id
}

function readEndpoint(value: unknown): Endpoint {
  const endpoint = ENDPOINTS.find((one) => one === value)
  if (endpoint === undefined) throw new LineFault('endpoint is none this version of Rumen knows')
  return endpoint
}

function readNullable(value: JsonObject, name: string): string | null {
  const member = value[name]
  if (member === null || member === undefined) return null
  if (typeof member !== 'string') throw new LineFault(`${name} is no text`)
  return readText(member, TEXT_LIMIT)
}

function readIp(value: unknown): string | null {
  if (value === null || value === undefined) return null
  // A zone is of the machine it was written on, and no column takes it.
  if (typeof value !== 'string' || isIP(value) === 0 || value.includes('%')) throw new LineFault('client_ip is none')
  return value
}

function readSize(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= INTEGER_MAX) return value
  throw new LineFault('wire_bytes is no size')
}
