import type { EventId } from './brand.ts'
import { bufferOf } from './bytes.ts'
import { parseEventId } from './event-id.ts'
import { encodeJson } from './json-body.ts'
import { TEXT_LIMITS, USER_REPORT_BYTES_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { readName } from './text.ts'
import { writeEnvelope } from './write-envelope.ts'

/**
 * What a user typed into the crash-report dialog (POST `/api/embed/error-page/?eventId=…`, a form) as an envelope of one
 * `user_report` item. Throws `bad_user_report` with a cause `<field>: <what is wrong>` for each field that is missing,
 * and `item_too_large`.
 */
export function userReportEnvelope({ body, query }: { readonly body: Uint8Array; readonly query: URLSearchParams }): {
  readonly envelope: Buffer
  readonly eventId: EventId
} {
  if (body.length > USER_REPORT_BYTES_MAX) {
    throw new ProtocolError('item_too_large', [], `a user report exceeds ${USER_REPORT_BYTES_MAX} bytes`)
  }
  const form = new URLSearchParams(bufferOf(body).toString('utf8'))
  const eventId = parseEventId(query.get('eventId'))
  const name = readName(form.get('name'), TEXT_LIMITS.userField)
  const email = readName(form.get('email'), TEXT_LIMITS.userEmail)
  const comments = readName(form.get('comments'), TEXT_LIMITS.comments)
  if (eventId === null || name === null || email === null || comments === null) {
    const required = Object.entries({ name, email, comments }).filter(([, value]) => value === null)
    const causes = required.map(([field]) => `${field}: this field is required`)
    throw new ProtocolError('bad_user_report', eventId === null ? ['eventId: no event id', ...causes] : causes)
  }
  const payload = encodeJson({ event_id: eventId, name, email, comments })
  const items = [{ headers: { type: 'user_report' }, payload }]
  return { envelope: writeEnvelope({ header: { event_id: eventId }, items }), eventId }
}
