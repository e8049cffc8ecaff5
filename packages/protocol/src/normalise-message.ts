import type { Message } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'
import { maskText, readMasked } from './mask.ts'
import { maskedJson } from './masked-json.ts'
import { isRecord, type JsonObject } from './record.ts'
import { renderMessage } from './render-message.ts'
import { readText } from './text.ts'

const LIMIT = TEXT_LIMITS.message
/** Past this a rendered message is cut anyway. */
const RENDERED_CHARS_MAX = 2 * (LIMIT.charsMax + LIMIT.allowance)

/** The message of an event, from `logentry` or one of its older names; the first that says something counts. */
export function normaliseMessage(payload: JsonObject): Message | null {
  return messageOf(payload.logentry) ?? messageOf(payload['sentry.interfaces.Message']) ?? messageOf(payload.message)
}

function messageOf(value: unknown): Message | null {
  if (value === false) return null // old SDKs say so when there is none
  const isInterface = isRecord(value) && (Object.hasOwn(value, 'message') || Object.hasOwn(value, 'formatted'))
  return isInterface ? fromInterface(value) : fromText(maskedJson(value), null)
}

/** The template is kept only where it differs from the text: it is what groups messages of one kind. */
function fromInterface({ message, formatted, params }: JsonObject): Message | null {
  const template = readText(maskedJson(message), LIMIT)
  const sent = readText(maskedJson(formatted), LIMIT)
  const text = sent ?? (template === null ? null : renderMessage(template, params, RENDERED_CHARS_MAX))
  return fromText(text, template === text ? null : template)
}

function fromText(text: string | null, template: string | null): Message | null {
  const formatted = readMasked(text, LIMIT, maskText)
  return formatted === null ? null : { template: readMasked(template, LIMIT, maskText), formatted }
}
