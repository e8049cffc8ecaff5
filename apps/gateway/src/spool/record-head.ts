import type { Endpoint } from '@rumen/db/archive/archive-row'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import * as v from 'valibot'
import type { SpoolRecord } from './spool-record.ts'

/** An endpoint that is missing here does not compile: what was spooled could not be read back. */
const ENDPOINTS = {
  envelope: 'envelope',
  store: 'store',
  security: 'security',
  nel: 'nel',
  minidump: 'minidump',
  attachments: 'attachments',
  cron: 'cron',
  feedback: 'feedback',
} as const satisfies { [E in Endpoint]: E }

const text = v.nullable(v.string())
const wholeNumber = v.pipe(v.number(), v.safeInteger())

/** What is read was written by a gateway of ours, but perhaps by an older or a newer one. */
const head = v.object({
  projectId: v.pipe(v.string(), v.transform(parseProjectId)),
  day: v.pipe(v.string(), v.isoDate()),
  hash: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{64}$/),
    v.transform((hex) => Buffer.from(hex, 'hex')),
  ),
  eventId: v.nullable(
    v.pipe(
      v.string(),
      v.transform((id) => parseEventId(id)),
    ),
  ),
  /** Milliseconds since 1970. */
  receivedAt: v.pipe(
    wholeNumber,
    v.transform((ms) => new Date(ms)),
  ),
  endpoint: v.enum(ENDPOINTS),
  contentType: text,
  encoding: v.string(),
  clientIp: text,
  userAgent: text,
  sentryClient: text,
  queryRelease: text,
  queryEnvironment: text,
  wireBytes: wholeNumber,
  queue: v.picklist(DIGEST_QUEUES),
  priority: wholeNumber,
  publicKey: v.nullable(v.pipe(v.string(), v.transform(parsePublicKey))),
})

/** Everything of a record but its body, as JSON in UTF-8. */
export function writeHead({ receipt, publicKey }: SpoolRecord): Buffer {
  const { archive, queue, priority } = receipt
  const { body: _, hash, receivedAt, ...rest } = archive
  const written: v.InferInput<typeof head> = {
    ...rest,
    hash: hash.toString('hex'),
    receivedAt: receivedAt.getTime(),
    queue,
    priority,
    publicKey,
  }
  return Buffer.from(JSON.stringify(written))
}

/** The record that `writeHead` wrote, with its body; null for anything else. */
export function readHead(bytes: Buffer, body: Buffer): SpoolRecord | null {
  try {
    const { queue, priority, publicKey, ...archive } = v.parse(head, JSON.parse(bytes.toString()))
    return { receipt: { archive: { ...archive, body }, queue, priority }, publicKey }
  } catch {
    // The checksum held, so this is no damage of the disk's: a gateway of another version wrote what this one cannot read.
    return null
  }
}
