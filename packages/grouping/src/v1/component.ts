import type { Frame } from '@rumen/protocol/event'

/** One component of a key. */
export interface V1Part {
  kind: 'fingerprint' | 'type' | 'frame' | 'message' | 'template' | 'code' | 'transaction' | 'unknown'
  text: string
}

/** What was looked at on the way to a key, used or not. */
export interface V1Component {
  kind: V1Part['kind']
  /** As the event has it. */
  source: Frame | string
  /** As it stands in the key; null where it is left out. */
  text: string | null
  /** Why it is used, or left out, in words that end a sentence. */
  reason: string
}

/** The components that make the key. */
export function partsOf(components: readonly V1Component[]): V1Part[] {
  const parts: V1Part[] = []
  for (const { kind, text } of components) if (text !== null) parts.push({ kind, text })
  return parts
}
