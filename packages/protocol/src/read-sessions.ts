import { parseTimestamp } from './clock.ts'
import { ProtocolError } from './protocol-error.ts'
import { readAttributes, readCount, readDid, readStart, type SessionReceipt } from './read-session.ts'
import { type JsonObject, recordOf } from './record.ts'

/** Sessions an SDK counted itself, ended ones only. Made by `readSessions` alone. */
export interface SessionSums {
  release: string
  environment: string | null
  buckets: readonly SessionBucket[]
  /** Buckets that are not among `buckets`: too many, without a good `started`, or outside the window of `readSession`. */
  dropped: number
}

/** Sessions that started in one minute; each is in one of the counts. */
export interface SessionBucket {
  /** Start of the minute. */
  startedAt: Date
  did: string | null
  /** Without errors. */
  exited: number
  /** With errors, but none of those below. */
  errored: number
  unhandled: number
  abnormal: number
  crashed: number
}

/** Sentry documents 100; an SDK that sends more has counted something all the same. */
const BUCKETS_MAX = 1_000
const MINUTE_MS = 60 * 1000

/**
 * The JSON of a `sessions` item (Sentry session aggregates payload). Throws `bad_session` when it names no release; a
 * bad bucket costs only itself, and one that counts nothing is not there.
 */
export function readSessions(payload: JsonObject, receipt: SessionReceipt): SessionSums {
  const attributes = readAttributes(payload)
  const given: readonly unknown[] = Array.isArray(payload.aggregates) ? payload.aggregates : []
  const read = given.slice(0, BUCKETS_MAX).map((bucket) => readBucket(recordOf(bucket), receipt))
  const good = read.filter((bucket) => bucket !== null)
  return { ...attributes, buckets: good.filter(countsAny), dropped: given.length - good.length }
}

function readBucket(bucket: JsonObject, receipt: SessionReceipt): SessionBucket | null {
  const startedAt = startOf(bucket, receipt)
  if (startedAt === null) return null
  return {
    startedAt,
    did: readDid(bucket.did),
    exited: readCount(bucket.exited),
    errored: readCount(bucket.errored),
    unhandled: readCount(bucket.unhandled),
    abnormal: readCount(bucket.abnormal),
    crashed: readCount(bucket.crashed),
  }
}

function startOf(bucket: JsonObject, receipt: SessionReceipt): Date | null {
  try {
    const at = readStart(parseTimestamp(bucket.started), receipt).getTime()
    return new Date(Math.floor(at / MINUTE_MS) * MINUTE_MS)
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}

function countsAny({ exited, errored, unhandled, abnormal, crashed }: SessionBucket): boolean {
  return exited + errored + unhandled + abnormal + crashed > 0
}
