import { parseEventId } from './event-id.ts'
import { recordOf } from './record.ts'

/** The trace of an event or a transaction, from its `contexts`: 32 lower-case hexadecimal characters, never all zero. */
export function readTraceId(contexts: unknown): string | null {
  return parseEventId(recordOf(recordOf(contexts).trace).trace_id) // the two have one form
}
