import type { EventId } from './brand.ts'
import { parseEventId } from './event-id.ts'
import { TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import { normaliseRequest } from './normalise-request.ts'
import { ProtocolError } from './protocol-error.ts'
import { type JsonObject, recordOf } from './record.ts'
import { readName } from './text.ts'

/** What a user wrote, about one event or about nothing in particular. */
export interface Feedback {
  readonly eventId: EventId | null
  readonly name: string | null
  readonly email: string | null
  /** Empty only in a user report that says who met the error. */
  readonly message: string
  /** Of the page, without query and fragment. */
  readonly url: string | null
  /** The form it was typed into, as the SDK calls it. */
  readonly source: string | null
}

/** A `user_report` item: the form of the crash dialog. Throws `bad_user_report` where it says nothing at all. */
export function readUserReport({ event_id: eventId, name, email, comments }: JsonObject): Feedback {
  const who = readSender(name, email)
  const message = readMessage(comments)
  if (message === null && who.name === null && who.email === null) {
    throw new ProtocolError('bad_user_report', ['name, email and comments are empty'])
  }
  return { eventId: parseEventId(eventId), ...who, message: message ?? '', url: null, source: null }
}

/** A `feedback` item: an event whose context `feedback` is the form. Throws `bad_feedback` where it has no message. */
export function readFeedback(payload: JsonObject): Feedback {
  const form = recordOf(recordOf(payload.contexts).feedback)
  const message = readMessage(form.message)
  if (message === null) throw new ProtocolError('bad_feedback', ['message: this field is required'])
  return {
    eventId: parseEventId(form.associated_event_id),
    ...readSender(form.name, form.contact_email),
    message,
    url: normaliseRequest({ url: form.url ?? recordOf(payload.request).url }).url,
    source: readName(form.source, TEXT_LIMITS.contextText),
  }
}

function readSender(name: unknown, email: unknown): Pick<Feedback, 'name' | 'email'> {
  return { name: readName(name, TEXT_LIMITS.userField), email: readName(email, TEXT_LIMITS.userEmail) }
}

/** People paste addresses they came from, secrets and all. */
function readMessage(value: unknown): string | null {
  return typeof value === 'string' ? readMasked(value.trim(), TEXT_LIMITS.comments) : null
}
