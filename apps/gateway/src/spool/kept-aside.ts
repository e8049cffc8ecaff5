import { open, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Logger } from '@rumen/telemetry/logger'
import { keptAsidePath, type Segment } from './segment.ts'
import type { SpoolSpace } from './spool-space.ts'
import { writeAll } from './write-all.ts'

const MiB = 1024 * 1024
const BYTES_MAX = 64 * MiB
/** Of the spool's own bound, which they count to: they must not fill a small one for good. */
const SHARE_MAX = 1 / 16
const FILES_MAX = 1_000

/**
 * What could not be drained: stretches of segments that were damaged, and records the database will not have. Kept for
 * somebody to look at, in a file per segment, the oldest of which go when there are too many. The good records of the
 * segment are not kept with them: they are somebody's data, and are in the database.
 */
export interface KeptAside {
  readonly bytes: number
  /** Counts a file an earlier process left. */
  add(file: { path: string; bytes: number }): Promise<void>
  /** Writes a file of these pieces. Never rejects: what cannot be written is logged. */
  keep(segment: Segment, pieces: readonly Buffer[]): Promise<void>
}

export function createKeptAside(space: SpoolSpace, logger: Logger): KeptAside {
  const bytesMax = Math.min(BYTES_MAX, Math.floor(space.bytesMax * SHARE_MAX))
  const files: { path: string; bytes: number }[] = []
  let bytes = 0

  async function add(file: { path: string; bytes: number }): Promise<void> {
    files.push(file)
    // Their names begin with a time.
    files.sort((one, other) => (basename(one.path) < basename(other.path) ? -1 : 1))
    bytes += file.bytes
    space.add(file.bytes, true)
    while (bytes > bytesMax || files.length > FILES_MAX) {
      const oldest = files.shift()
      if (!oldest) return
      await rm(oldest.path, { force: true })
      bytes -= oldest.bytes
      space.release(oldest.bytes, true)
    }
  }

  return {
    get bytes() {
      return bytes
    },
    add,
    async keep(segment, pieces) {
      const path = keptAsidePath(segment)
      try {
        const file = await open(path, 'w', 0o600)
        await writeAll(file, pieces, 0)
          .then(() => file.datasync())
          .finally(() => file.close())
        await add({ path, bytes: pieces.reduce((sum, piece) => sum + piece.length, 0) })
      } catch (error) {
        logger.error({ err: error }, 'what could not be drained could not be kept aside')
        await rm(path, { force: true }).catch(() => null)
      }
    },
  }
}
