import { encodeJson } from './json-body.ts'
import { requireMediaType } from './media-type.ts'
import { readReports } from './security-envelope.ts'
import { writeEnvelope } from './write-envelope.ts'

const MEDIA_TYPES = new Set(['application/json', 'application/reports+json'])

/**
 * The body of `/nel/`, a list of a browser's reports of failed requests (or a single one), as one `nel` item each.
 * Throws `unsupported_media_type`, `empty_body`, `bad_json`, `too_many_items`.
 */
export function nelEnvelope({
  body,
  contentType,
}: {
  readonly body: Uint8Array
  readonly contentType: string | null | undefined
}): Buffer {
  requireMediaType(contentType, MEDIA_TYPES)
  const items = readReports(body).map((report) => ({ headers: { type: 'nel' }, payload: encodeJson(report) }))
  return writeEnvelope({ header: {}, items })
}
