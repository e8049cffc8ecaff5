import { BAG_LIMITS } from '../limits.ts'
import { isSecretName, MASK } from '../mask.ts'
import { recordOf } from '../record.ts'
import { type Bag, type BagObject, cleanKey, fillBag } from './bag.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** The extra values of an event: one room for all, and a smaller one for each, so that a huge one does not cost the rest. */
export function readExtra(value: unknown, root: Trail): BagObject {
  const trail = below(root, 'extra')
  const entries = Object.entries(recordOf(value))
  const kept: (readonly [string, Bag])[] = []
  let left: number = BAG_LIMITS.extra.bytesMax
  for (const [key, sent] of entries) {
    if (left <= 0) {
      noteDropped(trail, entries.length)
      break
    }
    const bytes = Math.min(BAG_LIMITS.extraValue.bytesMax, left)
    const room = { bytes }
    const name = cleanKey(key)
    const isSecret = sent !== null && isSecretName(key)
    kept.push([name, fillBag(isSecret ? MASK : sent, BAG_LIMITS.extraValue.depthMax, room, below(trail, key))])
    left -= bytes - room.bytes + Buffer.byteLength(name)
  }
  return Object.fromEntries(kept)
}
