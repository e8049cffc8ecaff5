import { hash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { dayOf } from '@rumen/db/partition/day'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { type Issues, type Size, variedEvent } from '../load/varied-event.ts'

export interface Preparation {
  projectId: string
  /** Number of the first event: those of other numbers are other events. */
  from?: number
  count: number
  size: Size
  issues: Issues
}

const SDK = 'sentry.javascript.node'
const CLIENT = `${SDK}/11.11.0`
const ID_BYTES = 16

/** Events as the gateway keeps them, made and compressed before any clock runs. Ids are random, as those of SDKs are. */
export function prepareArchives({ projectId, from = 0, count, size, issues }: Preparation): ArchiveRow[] {
  const receivedAt = new Date()
  return Array.from({ length: count }, (_, at) => {
    const id = randomBytes(ID_BYTES).toString('hex')
    const event = variedEvent(from + at, id, { size, issues, at: receivedAt })
    const body = envelope(id, JSON.stringify(event), receivedAt)
    return {
      projectId: parseProjectId(projectId),
      day: dayOf(receivedAt),
      hash: hash('sha256', body, 'buffer'),
      eventId: parseEventId(id),
      receivedAt,
      endpoint: 'envelope',
      contentType: 'application/x-sentry-envelope',
      encoding: 'gzip',
      clientIp: '127.0.0.1',
      userAgent: CLIENT,
      sentryClient: CLIENT,
      queryRelease: null,
      queryEnvironment: null,
      wireBytes: body.length,
      body,
    }
  })
}

function envelope(id: string, event: string, sentAt: Date): Buffer {
  const header = { event_id: id, sent_at: sentAt.toISOString(), sdk: { name: SDK, version: '11.11.0' } }
  const item = { type: 'event', content_type: 'application/json', length: Buffer.byteLength(event) }
  return gzipSync(`${JSON.stringify(header)}\n${JSON.stringify(item)}\n${event}`)
}
