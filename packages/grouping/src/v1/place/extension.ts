import type { Frame } from '@rumen/protocol/event'
import type { Family } from '../family.ts'

/** The browser's extension that a frame is of, without its id, which is another one in each browser; `null` for any other code. */
export function readExtension({ absPath, filename }: Frame, family: Family): string | null {
  const path = absPath ?? filename ?? ''
  if (family !== 'javascript' || !path.includes('-extension://')) return null
  return `extension ${path.slice(path.lastIndexOf('/') + 1)}`
}
