import { BAG_LIMITS, CONTEXTS_MAX } from '../limits.ts'
import { isRecord, type JsonObject, recordOf } from '../record.ts'
import { type BagObject, cleanKey, readBagObject } from './bag.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** Something of the surroundings of an event: known types and any other, with all of its fields. */
export interface Context {
  name: string
  /** The same as the name unless the SDK says another. */
  type: string
  data: BagObject | null
}

/** The contexts as sent, but for the one that Sentry's own processing leaves behind. */
export function readContexts(value: unknown, root: Trail): readonly Context[] {
  const trail = below(root, 'contexts')
  const sent = Object.entries(recordOf(value)).filter(
    (entry): entry is [string, Record<string, unknown>] => isRecord(entry[1]) && entry[0] !== 'reprocessing',
  )
  if (sent.length > CONTEXTS_MAX) noteDropped(trail, sent.length)
  return sent.slice(0, CONTEXTS_MAX).map(([name, context]) => ({
    name: cleanKey(name),
    type: typeof context.type === 'string' ? cleanKey(context.type) : cleanKey(name),
    data: readBagObject(withoutType(context), BAG_LIMITS.context, below(trail, name)),
  }))
}

function withoutType(context: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(context).filter(([key, value]) => key !== 'type' || typeof value !== 'string'),
  )
}
