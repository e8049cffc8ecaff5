import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { MARKER_BYTES } from './spool-record.ts'

/**
 * A file of records, appended to until it is full, drained from its beginning, and then unlinked. All there is to know
 * about it stands in its name: when its first record was received, its marker, and whether the keys in it were checked.
 */
export interface Segment {
  readonly path: string
  readonly marker: Buffer
  readonly firstReceivedAtMs: number
  /** False where every record still has its key to be checked: those are bounded by themselves. */
  readonly isVerified: boolean
  /** Synced ones, and those of a failed write that could not be cut off. */
  bytes: number
  /** Null: not counted yet. */
  records: number | null
  /** Being appended to. */
  isOpen: boolean
}

const NAME = /^(\d{1,16})-([0-9a-f]{16})(\.unverified)?\.segment$/
const KEPT_ASIDE = /^\d{1,16}-[0-9a-f]{16}(\.unverified)?\.damaged$/

/** A segment that is about to be written; its name is nobody else's in any folder. */
export function newSegment(folder: string, firstReceivedAt: Date, isVerified: boolean): Segment {
  const marker = randomBytes(MARKER_BYTES)
  const firstReceivedAtMs = firstReceivedAt.getTime()
  const name = `${firstReceivedAtMs}-${marker.toString('hex')}${isVerified ? '' : '.unverified'}.segment`
  return { path: join(folder, name), marker, firstReceivedAtMs, isVerified, bytes: 0, records: 0, isOpen: true }
}

/** The segment an earlier process left as this file; null for another kind of file. */
export function foundSegment(folder: string, name: string, bytes: number): Segment | null {
  const [, receivedAtMs, marker, unverified] = NAME.exec(name) ?? []
  if (receivedAtMs === undefined || marker === undefined) return null
  return {
    path: join(folder, name),
    marker: Buffer.from(marker, 'hex'),
    firstReceivedAtMs: Number(receivedAtMs),
    isVerified: unverified === undefined,
    bytes,
    records: null,
    isOpen: false,
  }
}

/** Where the parts of a segment go that could not be drained. */
export function keptAsidePath(segment: Segment): string {
  return segment.path.replace(/\.segment$/, '.damaged')
}

export function isKeptAside(name: string): boolean {
  return KEPT_ASIDE.test(name)
}
