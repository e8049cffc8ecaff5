import { hash } from 'node:crypto'
import { dayOf } from '@rumen/db/partition/day'
import type { Authentication } from '@rumen/protocol/authentication'
import type { EventId } from '@rumen/protocol/brand'
import { STORED_CODING } from '@rumen/protocol/content-encoding'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { readText } from '@rumen/protocol/text'
import type { DigestQueue } from '@rumen/queue/digest-queue'
import type { Sender } from '../admit/identify-sender.ts'
import type { IngestRequest } from '../ingest-request.ts'
import type { Opened } from '../open-body.ts'
import type { Receipt } from './flush.ts'

/** Headers and query values are free text of the sender's. */
const TEXT_LIMIT = { charsMax: 512, allowance: 0 }

/** A request with everything that was found out about it. */
export interface Taken {
  request: IngestRequest
  opened: Opened
  /** `opened.bytes`, compressed where they came plain. */
  body: Buffer
  sender: Sender
  authentication: Authentication | null
  address: string | null
  queue: DigestQueue
  wireBytes: number
}

/** The archive's row and its job-to-be. Without an event id of the sender's, one is made from the stored bytes. */
export function receiptOf(taken: Taken): Receipt {
  const { request, opened, body, sender, authentication, address, queue, wireBytes } = taken
  const { incoming, query, receivedAt, endpoint } = request
  const bodyHash = hash('sha256', body, 'buffer')
  return {
    queue,
    priority: sender.owner?.priority ?? 0,
    traceparent: request.trace?.traceparent ?? undefined,
    archive: {
      projectId: sender.projectId,
      day: dayOf(receivedAt),
      hash: bodyHash,
      eventId: eventIdOf(opened, bodyHash),
      receivedAt,
      // An envelope that was posted to /store/ is one.
      endpoint: endpoint === 'store' ? opened.format : endpoint,
      contentType: readText(incoming.headers['content-type'], TEXT_LIMIT),
      encoding: opened.codings.length === 0 ? STORED_CODING : opened.codings.join(', '),
      clientIp: address,
      userAgent: readText(incoming.headers['user-agent'], TEXT_LIMIT),
      sentryClient: authentication?.client ?? null,
      queryRelease: readText(query.get('sentry_release'), TEXT_LIMIT),
      queryEnvironment: readText(query.get('sentry_environment'), TEXT_LIMIT),
      wireBytes,
      body,
    },
  }
}

function eventIdOf({ eventId, needsEventId }: Opened, bodyHash: Buffer): EventId | null {
  return eventId ?? (needsEventId ? eventIdFromHash(bodyHash) : null)
}
