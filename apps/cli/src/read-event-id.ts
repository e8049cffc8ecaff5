import type { EventId } from '@rumen/protocol/brand'
import { parseEventId } from '@rumen/protocol/event-id'
import { CommandError } from './command-error.ts'

/** An event's id in any spelling. */
export function readEventId(text: string): EventId {
  const id = parseEventId(text)
  if (id === null) throw new CommandError(`not an event's id (32 hexadecimal characters or a UUID): ${text}`)
  return id
}
