import { mkdir, statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import { errorText } from '@rumen/telemetry/error-text'
import type { Logger } from '@rumen/telemetry/logger'
import { claimDead } from './claim-dead.ts'
import { createKeptAside, type KeptAside } from './kept-aside.ts'
import { makeOwnFolder, type OwnFolder } from './own-folder.ts'
import type { Segment } from './segment.ts'
import { createSegmentReader, type SegmentReader, type SegmentReaderOptions } from './segment-reader.ts'
import { createSegmentWriter } from './segment-writer.ts'
import { encodeRecord, type SpoolRecord } from './spool-record.ts'
import { createSpoolSpace, type SpoolSpace } from './spool-space.ts'

export interface SpoolState {
  bytes: number
  bytesMax: number
  /** Of those, records whose key could not be checked. */
  unverifiedBytes: number
  /** Of those, what could not be drained and is kept for somebody to look at. */
  keptAsideBytes: number
  /** Estimated for what dead processes left, until it is read. */
  records: number
  segments: number
  /** Of the oldest segment's first record; null: nothing waits. */
  oldestReceivedAt: Date | null
  isDiskLow: boolean
}

/** Where receipts wait on disk while the database is away. */
export interface Spool extends Pick<SegmentReader, 'next'> {
  /** Resolves once the record is synced to disk. Rejects with SpoolFullError, or with what the disk said. */
  append(record: SpoolRecord): Promise<void>
  hasRoom(): boolean
  state(): SpoolState
  /** Looks how much of the disk is free: once a second. Never rejects. */
  refresh(): Promise<void>
  /** Takes over what dead gateways left: every few seconds, and wake the drain afterwards. Never rejects. */
  claim(): Promise<void>
  /** Waits for appends, and gives the folder up; it is removed when it is empty. Stop the drain and the timers first. */
  close(): Promise<void>
}

export interface SpoolOptions {
  /** SPOOL_DIR: made when it is not there. Several gateways of one machine may share it. */
  dir: string
  /** Of this process's segments, with those it claimed. */
  bytesMax: number
  /** Less of the disk than that is never left free; 0: no check. */
  minFreeBytes: number
  logger: Logger
  onDamaged?: (bytes: number) => void
  segmentBytesMax?: number
}

const MiB = 1024 * 1024
/** Room for less than an event is none. */
const EVENT_BYTES = 16 * 1024
/** For the estimate of records, until some were counted. */
const RECORD_BYTES_TYPICAL = 5 * 1024

/** Opens the spool and claims what dead gateways left. Rejects with a sentence that names SPOOL_DIR when it cannot. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { logger, onDamaged = () => {}, segmentBytesMax = 16 * MiB } = options
  const spoolDir = resolve(options.dir)
  const own = await prepare(spoolDir)
  const segments = new Set<Segment>()
  const space = createSpoolSpace(options.bytesMax)
  const keptAside = createKeptAside(space, logger)
  const onSegment = (segment: Segment) => segments.add(segment)
  const writing = { folder: own.path, space, onSegment, logger, segmentBytesMax }
  // Apart, so that the size of a file says how much of the spool is of senders nobody could be asked about.
  const verified = createSegmentWriter({ ...writing, isVerified: true })
  const unverified = createSegmentWriter({ ...writing, isVerified: false })
  const seal = async () => void (await Promise.all([verified.seal(), unverified.seal()]))
  const reader = createSegmentReader({ segments, seal, space, keptAside, onDamaged, logger })
  const underWay = new Set<Promise<void>>()
  let isClosed = false

  function track(promise: Promise<void>): Promise<void> {
    underWay.add(promise)
    return promise.finally(() => underWay.delete(promise))
  }

  async function append(record: SpoolRecord): Promise<void> {
    if (isClosed) throw new Error('the spool is closed')
    const isVerified = record.publicKey === null
    const encoded = encodeRecord(record)
    space.reserve(encoded.bytes, isVerified)
    const writer = isVerified ? verified : unverified
    try {
      await track(writer.append(encoded, record.receipt.archive.receivedAt))
    } catch (error) {
      space.release(encoded.bytes, isVerified)
      throw error
    }
  }

  const spool: Spool = {
    append,
    next: reader.next,
    hasRoom: () => !space.isDiskLow && space.bytesMax - space.bytes >= Math.min(EVENT_BYTES, space.bytesMax / 8),
    state: () => stateOf(segments, space, keptAside),
    refresh: () => refresh(spoolDir, { space, minFreeBytes: options.minFreeBytes, logger }),
    async claim() {
      // Its own folder is a dead one's by then.
      if (isClosed) return
      await track(claim(spoolDir, own, { segments, space, keptAside, logger }))
      reader.retryUnreadable()
    },
    async close() {
      isClosed = true
      await Promise.allSettled(underWay)
      await seal()
      await own.release()
    },
  }
  await Promise.all([spool.claim(), spool.refresh()])
  return spool
}

async function prepare(spoolDir: string): Promise<OwnFolder> {
  try {
    await mkdir(spoolDir, { recursive: true, mode: 0o700 })
    return await makeOwnFolder(spoolDir)
  } catch (error) {
    throw new Error(`SPOOL_DIR ${spoolDir} cannot be used: ${errorText(error)}`, { cause: error })
  }
}

async function claim(
  spoolDir: string,
  own: OwnFolder,
  { segments, space, keptAside, logger }: Omit<SegmentReaderOptions, 'seal' | 'onDamaged'>,
): Promise<void> {
  try {
    const claimed = await claimDead(spoolDir, own, logger)
    for (const segment of claimed.segments) {
      segments.add(segment)
      space.add(segment.bytes, segment.isVerified)
    }
    for (const file of claimed.keptAside) await keptAside.add(file)
  } catch (error) {
    logger.error({ err: error }, 'the spools of dead gateways could not be looked for')
  }
}

async function refresh(
  spoolDir: string,
  { space, minFreeBytes, logger }: { space: SpoolSpace; minFreeBytes: number; logger: Logger },
): Promise<void> {
  try {
    const { bavail, bsize } = await statfs(spoolDir)
    space.isDiskLow = bavail * bsize < minFreeBytes
  } catch (error) {
    logger.warn({ err: error }, 'the free space of the spool is unknown')
  }
}

function stateOf(segments: ReadonlySet<Segment>, space: SpoolSpace, keptAside: KeptAside): SpoolState {
  let [records, bytes, uncountedBytes] = [0, 0, 0]
  let oldestMs = Number.POSITIVE_INFINITY
  for (const segment of segments) {
    oldestMs = Math.min(oldestMs, segment.firstReceivedAtMs)
    if (segment.records === null) uncountedBytes += segment.bytes
    else {
      records += segment.records
      bytes += segment.bytes
    }
  }
  const recordBytes = records === 0 ? RECORD_BYTES_TYPICAL : bytes / records
  return {
    bytes: space.bytes,
    bytesMax: space.bytesMax,
    unverifiedBytes: space.unverifiedBytes,
    keptAsideBytes: keptAside.bytes,
    records: records + Math.ceil(uncountedBytes / recordBytes),
    segments: segments.size,
    oldestReceivedAt: segments.size === 0 ? null : new Date(oldestMs),
    isDiskLow: space.isDiskLow,
  }
}
