import type { Message } from '../event.ts'
import { BAG_LIMITS, TEXT_LIMITS } from '../limits.ts'
import { maskedJson } from '../masked-json.ts'
import { normaliseMessage } from '../normalise-message.ts'
import { isRecord, type JsonObject, recordOf } from '../record.ts'
import { type Bag, readBag } from './bag.ts'
import { below, readNotedText, type Trail } from './trail.ts'

/** The message with the parameters that were filled into its template. */
export interface MessageDetails extends Message {
  params: Bag
}

export function readMessage(payload: JsonObject, root: Trail): MessageDetails | null {
  const message = normaliseMessage(payload)
  if (message === null) return null
  const trail = below(root, 'logentry')
  const sent = payload.logentry ?? payload['sentry.interfaces.Message'] ?? payload.message
  const { formatted, message: template, params } = isRecord(sent) ? sent : { ...recordOf(null), formatted: sent }
  readNotedText(below(trail, 'formatted'), maskedJson(formatted ?? template), TEXT_LIMITS.message)
  if (message.template !== null) readNotedText(below(trail, 'message'), maskedJson(template), TEXT_LIMITS.message)
  const hasParams = Array.isArray(params) || isRecord(params)
  return { ...message, params: hasParams ? readBag(params, BAG_LIMITS.messageParams, below(trail, 'params')) : null }
}
