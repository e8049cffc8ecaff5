import type { EventId } from './brand.ts'
import { bufferOf } from './bytes.ts'
import { decodeStart } from './content-encoding.ts'
import { crashEventId } from './crash-event-id.ts'
import { mediaType } from './media-type.ts'
import { attachmentItem, type Field, formDataItems, sortParts } from './multipart-items.ts'
import { ProtocolError } from './protocol-error.ts'
import { isMultipart, type Part, readMultipart, readNestedMultipart } from './read-multipart.ts'
import { writeEnvelope } from './write-envelope.ts'

const DUMP = 'upload_file_minidump'
/** By field name or by file name, as crash reporters set either (Crashpad: both). */
const ATTACHMENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['__sentry-event', 'event.payload'],
  ['__sentry-breadcrumb1', 'event.breadcrumbs'],
  ['__sentry-breadcrumb2', 'event.breadcrumbs'],
  ['view-hierarchy.json', 'event.view_hierarchy'],
])
/** What a dump may be wrapped in, by its first bytes; null for what node cannot undo. */
const CONTAINERS = [
  { magic: Buffer.from('1f8b', 'hex'), coding: 'gzip' },
  { magic: Buffer.from('28b52ffd', 'hex'), coding: 'zstd' },
  { magic: Buffer.from('fd377a585a00', 'hex'), coding: null }, // xz
  { magic: Buffer.from('BZh'), coding: null }, // bzip2
] as const
/** Little- and big-endian. */
const MAGIC = ['MDMP', 'PMDM']

/**
 * The body of `/minidump/`, a multipart form or the dump alone, as an envelope that holds all of it: the dump, other
 * files and, in one `form_data` item, the text fields, those of the query's that are metadata (`sentry[…]`) before them.
 * `eventId` is the metadata's; the same crash uploaded twice gives the same bytes, whatever the boundary. Throws
 * `bad_multipart`, `missing_minidump`, `invalid_minidump`.
 */
export async function minidumpEnvelope({
  body,
  contentType,
  query,
}: {
  readonly body: Uint8Array
  readonly contentType: string | null | undefined
  readonly query: URLSearchParams
}): Promise<{ readonly envelope: Buffer; readonly eventId: EventId | null }> {
  const parts = isMultipart(contentType)
    ? await unwrap(await readMultipart(body, contentType))
    : [raw(body, contentType)]
  const { fields, files } = sortParts(parts)
  const dump = files.find(({ name }) => name === DUMP)
  if (dump === undefined) throw new ProtocolError('missing_minidump')
  if (!isMinidump(dump.bytes)) throw new ProtocolError('invalid_minidump')
  const typeOf = (part: Part) =>
    part === dump ? 'event.minidump' : (ATTACHMENT_TYPES.get(part.name) ?? ATTACHMENT_TYPES.get(part.fileName ?? ''))
  const metadata = [...queryFields(query), ...fields]
  const eventId = crashEventId(
    metadata,
    files.filter((part) => typeOf(part) === 'event.payload'),
  )
  const envelope = writeEnvelope({
    header: eventId === null ? {} : { event_id: eventId },
    items: [...files.map((part) => attachmentItem(part, typeOf(part))), ...formDataItems(metadata)],
  })
  return { envelope, eventId }
}

/** Old Electron SDKs put a whole multipart body where the dump should stand; its parts take that place. */
async function unwrap(parts: readonly Part[]): Promise<readonly Part[]> {
  const dump = parts.find(({ name }) => name === DUMP)
  const nested = dump === undefined ? null : await readNestedMultipart(dump.bytes)
  return nested === null ? parts : [...nested, ...parts.filter((part) => part !== dump)]
}

function raw(body: Uint8Array, contentType: string | null | undefined): Part {
  return { name: DUMP, fileName: 'Minidump', contentType: mediaType(contentType), bytes: bufferOf(body) }
}

function queryFields(query: URLSearchParams): readonly Field[] {
  return [...query].filter(([name]) => name === 'sentry' || name.startsWith('sentry[') || name.startsWith('sentry__'))
}

/** No more than its first bytes are looked at: a dump is kept as it came, packed or not. */
function isMinidump(bytes: Buffer): boolean {
  const container = CONTAINERS.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic))
  if (container === undefined) return MAGIC.includes(bytes.toString('latin1', 0, 4))
  if (container.coding === null) return true
  try {
    return MAGIC.includes(decodeStart(bytes, [container.coding], 4).bytes.toString('latin1'))
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}
