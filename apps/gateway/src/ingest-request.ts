import type { IncomingMessage } from 'node:http'
import type { Endpoint } from '@rumen/db/archive/archive-row'
import type { ProjectId } from '@rumen/protocol/brand'
import type { TraceSpan } from '@rumen/telemetry/tracing'

/** One request as its route understood it. */
export interface IngestRequest {
  endpoint: Endpoint
  /** Names it in the log, and in its answer. */
  id: string
  incoming: IncomingMessage
  receivedAt: Date
  /** What stands behind the `?`. */
  query: URLSearchParams
  /** As it stands in the path; null where the path names no project (`/api/store/`, the feedback form). */
  project: string | null
  /** Further words of the path: the key and the slug of a check-in, the event of attachments. */
  path: { key?: string | undefined; slug?: string | undefined; eventId?: string | undefined }
  /** The step of a trace it is; null where none is recorded. */
  trace: TraceSpan | null
  /** What is known of it by the time it is answered, for the ledger and the log. */
  known: {
    /** Set once a key has been seen that opens it; never the path's word for it. */
    projectId: ProjectId | null
    /** `sentry_client`. */
    client: string | null
  }
}
