import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { type Item, parseEnvelope } from '@rumen/protocol/envelope'
import { parseEventJson } from '@rumen/protocol/event-json'
import { crashEvent } from '@rumen/protocol/minidump-event'
import { normaliseUser } from '@rumen/protocol/normalise-user'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { isRecord, type JsonObject, recordOf } from '@rumen/protocol/record'
import { decodeStoreBody } from '@rumen/protocol/store-body'
import { lenientText } from '@rumen/protocol/text'
import type { DigestLimits } from './digest-archive.ts'

/** What a person is known by, by the way it tells people apart. */
export type PersonNames = Readonly<Record<'id' | 'email' | 'username' | 'ip', readonly string[]>>

/** What was kept of a request, as far as it says whose it is. */
export interface PersonalArchive {
  endpoint: string
  encoding: string
  clientIp: string | null
  body: Buffer
}

/**
 * Whether anything of an archive is about this person: an item of any type whose user, session or signature has one of the
 * names, or the address it was sent from. Names in other texts, of a breadcrumb or a message, are somebody's words. What
 * cannot be decoded names nobody.
 */
export function namesPerson(archive: PersonalArchive, names: PersonNames, limits: DigestLimits): boolean {
  if (archive.clientIp !== null && names.ip.includes(archive.clientIp)) return true
  try {
    const codings = parseContentEncoding(archive.encoding)
    const bytes = decode(archive.body, codings, limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
    const payloads = archive.endpoint === 'store' ? [storePayload(bytes, limits)] : envelopePayloads(bytes)
    return payloads.some((payload) => isAbout(payload, names, archive.clientIp))
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

function storePayload(bytes: Buffer, { MAX_EVENT_BYTES }: DigestLimits): JsonObject {
  return parseEventJson(decodeStoreBody(bytes, MAX_EVENT_BYTES))
}

function envelopePayloads(bytes: Buffer): readonly JsonObject[] {
  const { items } = parseEnvelope(bytes)
  const crash = crashEvent({ items })
  const payloads = items.flatMap(payloadOf)
  return crash === null ? payloads : [crash, ...payloads]
}

/** A file may be anything, and what cannot be read as JSON has no user. */
function payloadOf({ payload }: Item): JsonObject[] {
  try {
    return [parseEventJson(payload)]
  } catch (error) {
    if (error instanceof ProtocolError) return []
    throw error
  }
}

function isAbout(payload: JsonObject, names: PersonNames, clientIp: string | null): boolean {
  const user = normaliseUser(payload, recordOf(payload.request), clientIp)
  return (
    (['id', 'email', 'username', 'ip'] as const).some((way) => isOneOf(names[way], user[way])) ||
    isOneOf(names.email, payload.email, recordOf(recordOf(payload.contexts).feedback).contact_email) ||
    isOneOf(allOf(names), payload.did, ...recordsOf(payload.aggregates).map(({ did }) => did)) ||
    recordsOf(payload.items).some((record) => isLogAbout(record, names))
  )
}

function isLogAbout({ attributes }: JsonObject, names: PersonNames): boolean {
  const said = recordOf(attributes)
  const attributeOf = (name: string) => {
    const attribute = said[name]
    return isRecord(attribute) ? attribute.value : attribute
  }
  return (
    isOneOf(names.id, attributeOf('user.id')) ||
    isOneOf(names.email, attributeOf('user.email')) ||
    isOneOf(names.username, attributeOf('user.name')) ||
    isOneOf(names.ip, attributeOf('user.ip_address'), attributeOf('client.address'))
  )
}

function recordsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

function isOneOf(names: readonly string[], ...values: readonly unknown[]): boolean {
  return values.some((value) => {
    const text = lenientText(value)
    return text !== null && names.includes(text.trim())
  })
}

function allOf(names: PersonNames): readonly string[] {
  return [...names.id, ...names.email, ...names.username, ...names.ip]
}
