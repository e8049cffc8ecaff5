import { type FileHandle, open, rm } from 'node:fs/promises'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import type { Logger } from '@rumen/telemetry/logger'
import { newSegment, type Segment } from './segment.ts'
import { type EncodedRecord, markRecord } from './spool-record.ts'
import { SpoolFullError, type SpoolSpace } from './spool-space.ts'
import { syncFolder, writeAll } from './write-all.ts'

/**
 * Group sync: records that wait at the same time share one write and one fdatasync. There is no timer: the next group is
 * what gathered while the last one was being synced, as with the commits of the database.
 */
export interface SegmentWriter {
  /** Resolves once the record is on disk. Rejects with SpoolFullError where that is full, else with what the disk said. */
  append(record: EncodedRecord, receivedAt: Date): Promise<void>
  /** Closes the segment that is appended to, if any, after the group in hand. */
  seal(): Promise<void>
}

export interface SegmentWriterOptions {
  folder: string
  isVerified: boolean
  space: SpoolSpace
  /** There is something in it to drain; called for every group. */
  onSegment: (segment: Segment) => void
  logger: Logger
  segmentBytesMax: number
}

interface Waiting {
  record: EncodedRecord
  receivedAt: Date
  resolve: () => void
  reject: (error: unknown) => void
}

interface OpenSegment {
  segment: Segment
  file: FileHandle
}

const MiB = 1024 * 1024
/** What is larger goes alone, so that a body the disk has no room for costs nobody else. */
const GROUP_BYTES_MAX = 4 * MiB
const DISK_FULL_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  const { folder, isVerified, onSegment, logger, segmentBytesMax } = options
  const waiting: Waiting[] = []
  const sealing: (() => void)[] = []
  let current: OpenSegment | null = null
  let running = false

  function schedule(): void {
    if (running) return
    running = true
    void run()
  }

  async function run(): Promise<void> {
    await endOfTurn()
    while (waiting.length > 0 || sealing.length > 0) {
      if (sealing.length === 0) await write(await takeGroup())
      else {
        await closeCurrent()
        for (const resolve of sealing.splice(0)) resolve()
      }
    }
    running = false
  }

  async function takeGroup(): Promise<readonly Waiting[]> {
    const [first] = waiting
    if (current && first && current.segment.bytes + first.record.bytes > segmentBytesMax) await closeCurrent()
    const room = Math.min(segmentBytesMax - (current?.segment.bytes ?? 0), GROUP_BYTES_MAX)
    return waiting.splice(0, countWithin(room, waiting))
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    const [first] = group
    if (!first) return
    try {
      current ??= await create(folder, first.receivedAt, isVerified)
      await sync(current, group, folder)
      onSegment(current.segment)
      for (const { resolve } of group) resolve()
    } catch (error) {
      const failed = current
      current = null
      if (failed) await abandon(failed, bytesOf(group), options)
      logger.warn({ err: error, records: group.length }, 'the spool could not be written')
      const refusal = isDiskFull(error) ? new SpoolFullError('disk', error) : error
      for (const { reject } of group) reject(refusal)
    }
  }

  async function closeCurrent(): Promise<void> {
    const closing = current
    current = null
    if (closing) await close(closing, logger)
  }

  return {
    append(record, receivedAt) {
      return new Promise((resolve, reject) => {
        waiting.push({ record, receivedAt, resolve, reject })
        schedule()
      })
    },
    seal() {
      return new Promise((resolve) => {
        sealing.push(resolve)
        schedule()
      })
    },
  }
}

/** How many fit, from the first on; one that is larger goes alone. */
function countWithin(bytesMax: number, waiting: readonly Waiting[]): number {
  let bytes = 0
  for (const [count, { record }] of waiting.entries()) {
    bytes += record.bytes
    if (count > 0 && bytes > bytesMax) return count
  }
  return waiting.length
}

async function create(folder: string, firstReceivedAt: Date, isVerified: boolean): Promise<OpenSegment> {
  const segment = newSegment(folder, firstReceivedAt, isVerified)
  return { segment, file: await open(segment.path, 'wx', 0o600) }
}

async function sync({ segment, file }: OpenSegment, group: readonly Waiting[], folder: string): Promise<void> {
  const pieces = group.flatMap(({ record }) => markRecord(record, segment.marker))
  await writeAll(file, pieces, segment.bytes)
  await file.datasync()
  if (segment.bytes === 0) await syncFolder(folder)
  segment.bytes += bytesOf(group)
  segment.records = (segment.records ?? 0) + group.length
}

/**
 * Cuts a failed group off, and closes its segment for good: after a sync that failed nobody knows what the next one would
 * tell. Where the cut fails too, unanswered records stay behind and are drained with the rest, which harms nobody.
 */
async function abandon(
  { segment, file }: OpenSegment,
  bytesFailed: number,
  { space, onSegment, logger }: SegmentWriterOptions,
): Promise<void> {
  try {
    if (segment.bytes === 0) await rm(segment.path)
    else await file.truncate(segment.bytes)
  } catch (error) {
    logger.warn({ err: error }, 'what the spool failed to write could not be taken back')
    space.add(bytesFailed, segment.isVerified)
    segment.bytes += bytesFailed
    onSegment(segment)
  }
  await close({ segment, file }, logger)
}

async function close({ segment, file }: OpenSegment, logger: Logger): Promise<void> {
  segment.isOpen = false
  await file.close().catch((error: unknown) => logger.warn({ err: error }, 'a segment of the spool did not close'))
}

function bytesOf(group: readonly Waiting[]): number {
  return group.reduce((sum, { record }) => sum + record.bytes, 0)
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && DISK_FULL_CODES.has(error.code)
}
