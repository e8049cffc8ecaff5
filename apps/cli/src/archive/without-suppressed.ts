import { hash } from 'node:crypto'
import type { StoredArchive } from '@rumen/db/archive/page-archives'
import type { Suppressed } from '@rumen/db/suppressed/read-suppressed'
import { compress, decode, parseContentEncoding, STORED_CODING } from '@rumen/protocol/content-encoding'
import { type Item, parseEnvelope } from '@rumen/protocol/envelope'
import { parseEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { HEADER_BYTES_MAX, ITEMS_MAX } from '@rumen/protocol/limits'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { recordOf } from '@rumen/protocol/record'
import { writeEnvelope } from '@rumen/protocol/write-envelope'

/**
 * An archive as it may leave the house: itself where nothing of it was deleted; where some items were, another one of those that are
 * left, under its own hash; null where nothing is left, or where what is left cannot be told apart.
 */
export function withoutSuppressed(
  archive: StoredArchive,
  suppressed: Suppressed,
  decodedBytesMax: number,
): StoredArchive | null {
  if (!hasSuppressed(archive, suppressed)) return archive
  if (archive.endpoint === 'store') return null
  try {
    const bytes = decode(archive.body, parseContentEncoding(archive.encoding), decodedBytesMax)
    const { items, fault } = parseEnvelope(bytes)
    const left = items.filter(({ index }) => !suppressed.isSuppressed(archive, index))
    if (fault !== null || left.length === 0) return null
    const body = compress(envelopeOf(bytes, left))
    return { ...archive, hash: hash('sha256', body), encoding: STORED_CODING, body }
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}

function hasSuppressed(archive: StoredArchive, suppressed: Suppressed): boolean {
  for (let index = 0; index < ITEMS_MAX; index++) if (suppressed.isSuppressed(archive, index)) return true
  return false
}

function envelopeOf(bytes: Buffer, items: readonly Item[]): Buffer {
  const { end } = parseEnvelopeHeader(bytes, HEADER_BYTES_MAX)
  const text = bytes.toString('utf8', 0, end)
  const header = recordOf(JSON.parse(text.slice(text.indexOf('{'))))
  return writeEnvelope({
    header,
    items: items.map(({ type, headers, payload }) => ({ headers: { ...headers, type }, payload })),
  })
}
