import { hash } from 'node:crypto'
import type { DigestedArchive, DigestLimits } from '@rumen/digest/digest-archive'
import { type Coding, decode } from '@rumen/protocol/content-encoding'
import { isEventJson } from '@rumen/protocol/is-event-json'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { CommandError } from '../command-error.ts'
import { readInput } from './rules.ts'

/** Brotli has no magic number: only the name tells. */
const EXTENSIONS: readonly (readonly [extension: string, coding: Coding])[] = [
  ['.gz', 'gzip'],
  ['.zst', 'zstd'],
  ['.br', 'br'],
]
const MAGIC: readonly (readonly [bytes: string, coding: Coding])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
]

/**
 * What an SDK sends, from a file: an envelope, a body of `/store/`, or the JSON of one event, plain or compressed, as its first
 * bytes or its name say. Its own bytes stand for the event id it may lack.
 */
export async function readArchiveFile(file: string, limits: DigestLimits): Promise<DigestedArchive> {
  const body = decodeFile(file, await readInput(file), limits)
  return {
    eventId: null,
    hash: hash('sha256', body),
    receivedAt: new Date(),
    endpoint: isEventJson(body, limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES) ? 'store' : 'envelope',
    encoding: '',
    clientIp: null,
    userAgent: null,
    sentryClient: null,
    body,
  }
}

function decodeFile(file: string, bytes: Buffer, limits: DigestLimits): Buffer {
  const start = bytes.toString('hex', 0, 4)
  const coding =
    MAGIC.find(([magic]) => start.startsWith(magic))?.[1] ??
    EXTENSIONS.find(([end]) => file.toLowerCase().endsWith(end))?.[1]
  try {
    return decode(bytes, coding === undefined ? [] : [coding], limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
  } catch (error) {
    if (error instanceof ProtocolError) throw new CommandError(`${file} cannot be read: ${error.message}`)
    throw error
  }
}
