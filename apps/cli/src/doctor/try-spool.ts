import { randomUUID } from 'node:crypto'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Check, well } from '@rumen/health/check'
import { bytesInWords } from '@rumen/health/in-words'
import { errorText } from '@rumen/telemetry/error-text'

const WRITES = 5
/** Every event that is answered waits for one; a disk that takes longer is none for a spool. */
const SYNC_MS_MAX = 100

/** Writes and syncs a few blocks where the gateway would keep events, and looks how much room there is. */
export async function trySpool(folder: string | undefined, bytesMin: number): Promise<Check> {
  if (folder === undefined) {
    const message = 'SPOOL_DIR is not set: while the database is away events are refused, and lost'
    return {
      status: 'degraded',
      message,
      advice: 'set it to a folder on a local disk that outlives the process',
      figures: {},
    }
  }
  const file = join(folder, `doctor-${randomUUID()}`)
  try {
    await mkdir(folder, { recursive: true })
    const syncMs = await timeSync(file)
    const { bavail, bsize } = await statfs(folder)
    return judgeSpool({ freeBytes: bavail * bsize, syncMs: Math.round(syncMs) }, bytesMin)
  } catch (error) {
    const message = `SPOOL_DIR cannot be written: ${errorText(error)}`
    return { status: 'failing', message, advice: 'make it a folder the gateway owns', figures: {} }
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

/** What was found there. */
export function judgeSpool({ freeBytes, syncMs }: { freeBytes: number; syncMs: number }, bytesMin: number): Check {
  const figures = { free_bytes: freeBytes, sync_ms: syncMs }
  if (freeBytes < bytesMin) {
    const message = `the disk of SPOOL_DIR has ${bytesInWords(freeBytes)} left, less than MIN_FREE_DISK_BYTES`
    return { status: 'failing', message, advice: 'make room, or nothing is kept there', figures }
  }
  if (syncMs > SYNC_MS_MAX) {
    const message = `the disk of SPOOL_DIR takes ${syncMs} ms to write a block for good`
    return { status: 'degraded', message, advice: 'take a local disk: each answer waits for it', figures }
  }
  return well(figures)
}

/** The median, in milliseconds. */
async function timeSync(file: string): Promise<number> {
  const handle = await open(file, 'wx')
  try {
    const times: number[] = []
    for (let at = 0; at < WRITES; at++) {
      const begun = performance.now()
      await handle.write(Buffer.alloc(4096))
      await handle.datasync()
      times.push(performance.now() - begun)
    }
    return times.toSorted((a, b) => a - b)[Math.floor(WRITES / 2)] ?? 0
  } finally {
    await handle.close()
  }
}
