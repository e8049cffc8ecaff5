import { parseEventJson } from './event-json.ts'
import { ProtocolError } from './protocol-error.ts'
import { decodeStoreBody } from './store-body.ts'

/**
 * Whether decoded bytes are an event by itself, as `/store/` takes it: the whole of them is one JSON object, or base64 of one. An
 * envelope is at least two of them.
 */
export function isEventJson(bytes: Uint8Array, eventBytesMax: number): boolean {
  try {
    parseEventJson(decodeStoreBody(bytes, eventBytesMax))
    return true
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}
