import type { Item } from '@rumen/protocol/envelope'
import { parseEventJson } from '@rumen/protocol/event-json'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import type { Context } from './digest-archive.ts'

/** An item's JSON. Throws `item_too_large`, before anything is parsed, and `bad_json`. */
export function parseItem({ limits }: Context, item: Item): Record<string, unknown> {
  if (item.payload.length > limits.MAX_EVENT_BYTES) {
    throw new ProtocolError('item_too_large', [], `the ${item.type} exceeds MAX_EVENT_BYTES`)
  }
  return parseEventJson(item.payload)
}
