import { hash as digest } from 'node:crypto'
import type { Event } from '@rumen/protocol/event'
import { partsOf, type V1Component, type V1Part } from './component.ts'
import { readFingerprint } from './fingerprint.ts'
import { groupByStack } from './stack.ts'
import { groupByTransaction } from './transaction.ts'

export type { V1Component, V1Part }

const SEPARATOR = ' ⋄ '
/** Longest key and longest sum of its parts (bytes of UTF-8): what a row of `grouping` holds at most. */
const KEY_BYTES_MAX = 8192
const MARK = '…'

const strategies = { stack: groupByStack, transaction: groupByTransaction }

export interface V1Grouping {
  key: string
  parts: readonly V1Part[]
  hash: Buffer
  /** All that was looked at, in the order of the key: `parts` are those that are used, before they were cut. */
  components: readonly V1Component[]
}

/**
 * Mechanism v1: the SDK's fingerprint, else what the strategy says. To be frozen with its first release: every file
 * it consists of lies in this folder, since one changed character in a key opens a second issue for every bug.
 */
export function groupV1(event: Event, strategy: 'stack' | 'transaction'): V1Grouping {
  const compute = () => strategies[strategy](event)
  const components = readFingerprint(event, compute) ?? compute()
  const parts = partsOf(components)
  const key = join(parts)
  const hash = digest('sha256', key, 'buffer')
  // A UTF-16 unit is at most three bytes of UTF-8: most keys need no counting.
  if (key.length * 3 <= KEY_BYTES_MAX || Buffer.byteLength(key) <= KEY_BYTES_MAX)
    return { key, parts, hash, components }
  const kept = cut(parts)
  return { key: join(kept), parts: kept, hash, components }
}

function join(parts: readonly V1Part[]): string {
  return parts.map((part) => part.text).join(SEPARATOR)
}

/** The leading parts that fit, the last of them shortened between two characters and marked with `…`. */
function cut(parts: readonly V1Part[]): V1Part[] {
  const kept: V1Part[] = []
  let bytesLeft = KEY_BYTES_MAX
  for (const { kind, text } of parts) {
    if (kept.length > 0) bytesLeft -= Buffer.byteLength(SEPARATOR)
    const bytes = Buffer.byteLength(text)
    if (bytes > bytesLeft) {
      const room = bytesLeft - Buffer.byteLength(MARK)
      if (room > 0) kept.push({ kind, text: cutText(text, room) + MARK })
      return kept
    }
    kept.push({ kind, text })
    bytesLeft -= bytes
  }
  return kept
}

function cutText(text: string, bytesMax: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax))
  return text.slice(0, read)
}
