import type { ClockError } from '../clock.ts'
import { BAG_LIMITS, LIST_MAX, TEXT_LIMITS } from '../limits.ts'
import { isRecord } from '../record.ts'
import { readName } from '../text.ts'
import { type Bag, readBag } from './bag.ts'
import { below, type Trail } from './trail.ts'

/** Something that went wrong with the event itself: of the SDK's making, or noted here (see `ClockError`). */
export interface ProcessingError {
  type: string
  /** The attribute it is about. */
  name: string | null
  value: Bag
}

/** The errors of an event that an SDK or we noted; ours last. */
export function readErrors(
  value: unknown,
  clockErrors: readonly ClockError[],
  timestamp: unknown,
  root: Trail,
): readonly ProcessingError[] {
  const sent = Array.isArray(value) ? value.filter(isRecord).slice(0, LIST_MAX) : []
  const read = sent.map((error, index) => ({
    type: readName(error.type, TEXT_LIMITS.word) ?? 'unknown',
    name: readName(error.name, TEXT_LIMITS.word),
    value: readBag(error.value, BAG_LIMITS.errorValue, below(root, 'errors', index, 'value')),
  }))
  const at = readBag(timestamp, BAG_LIMITS.errorValue, below(root, 'timestamp'))
  return [...read, ...clockErrors.map((type) => ({ type, name: 'timestamp', value: at }))]
}
