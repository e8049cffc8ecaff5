import { readFile, rm } from 'node:fs/promises'
import type { Logger } from '@rumen/telemetry/logger'
import { type Decoded, decodeSegment } from './decode-segment.ts'
import type { KeptAside } from './kept-aside.ts'
import type { Segment } from './segment.ts'
import { encodeRecord, markRecord, type SpoolRecord } from './spool-record.ts'
import type { SpoolSpace } from './spool-space.ts'

/** Records to be drained together, in the order they were written. */
export interface SpoolBatch {
  readonly records: readonly SpoolRecord[]
  /**
   * They are in the database, and are not given out again; all but `refused`, which are kept aside. With the last batch
   * of a segment its file is unlinked. Never rejects.
   */
  confirm(refused?: readonly SpoolRecord[]): Promise<void>
}

export interface SegmentReader {
  /** The oldest records not confirmed: the same batch until it is; null when there are none. One caller at a time. */
  next(): Promise<SpoolBatch | null>
  /** Tries segments again that could not be read. */
  retryUnreadable(): void
}

export interface SegmentReaderOptions {
  segments: Set<Segment>
  /** Closes what is being appended to. */
  seal: () => Promise<void>
  space: SpoolSpace
  keptAside: KeptAside
  /** Bytes that are no records, without those a killed process did not finish writing. */
  onDamaged: (bytes: number) => void
  logger: Logger
}

/** A segment being drained; all of it is in memory, which is why segments are small. */
interface Opened {
  segment: Segment
  decoded: Iterator<Decoded, void>
  /** The first record that was not given out yet; null behind the last one. */
  ahead: SpoolRecord | null
  keptAside: Buffer[]
}

const MiB = 1024 * 1024
const BATCH_ROWS_MAX = 200
const BATCH_BYTES_MAX = 8 * MiB

export function createSegmentReader(options: SegmentReaderOptions): SegmentReader {
  const { segments, seal, logger } = options
  const unreadable = new Set<Segment>()
  let opened: Opened | null = null
  let inHand: SpoolBatch | null = null

  async function openOldest(): Promise<Opened | null> {
    for (;;) {
      const segment = oldestOf(segments, unreadable)
      if (!segment) return null
      if (segment.isOpen) await seal()
      try {
        const decoded = decodeSegment(await readFile(segment.path), segment.marker)
        return advance({ segment, decoded, ahead: null, keptAside: [] }, options)
      } catch (error) {
        logger.error({ err: error }, 'a segment of the spool could not be read')
        if (isGone(error)) forget(segment, options)
        else unreadable.add(segment)
      }
    }
  }

  async function finish({ segment, keptAside }: Opened): Promise<void> {
    opened = null
    if (keptAside.length > 0) await options.keptAside.keep(segment, keptAside)
    try {
      await rm(segment.path, { force: true })
      forget(segment, options)
    } catch (error) {
      // It stays where it is and counts; the next process drains it once more, which harms nobody.
      logger.error({ err: error }, 'a drained segment of the spool could not be removed')
      segments.delete(segment)
    }
  }

  return {
    async next() {
      while (!inHand) {
        opened ??= await openOldest()
        if (!opened) return null
        const draining = opened
        const records = take(draining, options)
        if (records.length === 0) await finish(draining)
        else {
          inHand = {
            records,
            async confirm(refused = []) {
              inHand = null
              for (const record of refused) {
                draining.keptAside.push(...markRecord(encodeRecord(record), draining.segment.marker))
              }
              if (!draining.ahead) await finish(draining)
            },
          }
        }
      }
      return inHand
    },
    retryUnreadable: () => unreadable.clear(),
  }
}

/** The next batch, with at least one record where there is one. */
function take(opened: Opened, options: SegmentReaderOptions): readonly SpoolRecord[] {
  const records: SpoolRecord[] = []
  let bytes = 0
  while (opened.ahead && records.length < BATCH_ROWS_MAX) {
    bytes += opened.ahead.receipt.archive.body.length
    if (records.length > 0 && bytes > BATCH_BYTES_MAX) break
    records.push(opened.ahead)
    advance(opened, options)
  }
  return records
}

/** Goes on to the next record, and puts aside what is none. */
function advance(opened: Opened, { onDamaged, logger }: SegmentReaderOptions): Opened {
  opened.ahead = null
  for (let step = opened.decoded.next(); !step.done; step = opened.decoded.next()) {
    const decoded = step.value
    if (decoded.kind === 'record') {
      opened.ahead = decoded.record
      break
    }
    const bytes = decoded.bytes.length
    if (decoded.isCut) {
      logger.info({ bytes }, 'a segment of the spool ends with a record that was not written to its end')
      continue
    }
    logger.error({ bytes }, 'a part of the spool is damaged, and kept aside')
    onDamaged(bytes)
    opened.keptAside.push(decoded.bytes)
  }
  return opened
}

function oldestOf(segments: ReadonlySet<Segment>, without: ReadonlySet<Segment>): Segment | null {
  let oldest: Segment | null = null
  for (const segment of segments) {
    if (without.has(segment)) continue
    if (!oldest || segment.firstReceivedAtMs < oldest.firstReceivedAtMs) oldest = segment
  }
  return oldest
}

function forget(segment: Segment, { segments, space }: SegmentReaderOptions): void {
  segments.delete(segment)
  space.release(segment.bytes, segment.isVerified)
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
