import { hash } from 'node:crypto'
import { correctClock, parseTimestamp } from './clock.ts'
import { eventIdFromHash, isNilEventId, parseEventId } from './event-id.ts'
import { DRIFT_MS_MIN, FUTURE_MS_MAX, INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { normaliseEnvironment, normaliseRelease } from './normalise-release.ts'
import { readInteger, readNumber } from './number.ts'
import { ProtocolError } from './protocol-error.ts'
import { type JsonObject, recordOf } from './record.ts'
import { lenientText, readName } from './text.ts'

/** `ok` is still running, all others have ended it; the gravest last, which decides between two of the same `seq`. */
export const SESSION_STATUSES = ['ok', 'exited', 'errored', 'unhandled', 'abnormal', 'crashed'] as const
export type SessionStatus = (typeof SESSION_STATUSES)[number]

/** One update of a single session, within its limits. Made by `readSession` alone. */
export interface SessionUpdate {
  /** UUID with dashes, lower case. */
  sid: string
  /** The SDK's id of user or device, as sent. */
  did: string | null
  /** The sender's logical clock: 0 is the session's first update. */
  seq: number
  startedAt: Date
  /** Never before `startedAt`. */
  timestamp: Date
  status: SessionStatus
  /** How many so far; at least 1 when the status is that of an error. */
  errors: number
  /** Seconds. */
  duration: number | null
  abnormalMechanism: string | null
  release: string
  environment: string | null
}

export interface SessionReceipt {
  readonly receivedAt: Date
  /** By the sender's clock, from the envelope's header. */
  readonly sentAt: Date | null
}

/** Relay's rule: what started longer ago is not counted any more. */
const SESSION_PAST_MS_MAX = 5 * 24 * 60 * 60 * 1000
const SEQ_END = 2 ** 64
const MECHANISMS: readonly unknown[] = ['anr_foreground', 'anr_background']
const WITHOUT_ERROR: readonly SessionStatus[] = ['ok', 'exited']

/**
 * The JSON of a `session` item (Sentry session update payload). Throws `bad_session` for what no session can be made
 * of: a `sid` that is no UUID, an unknown `status`, `seq` at the end of 64 bits, no release, no `started` or one more
 * than a minute ahead or five days back. Any other odd field counts as missing.
 */
export function readSession(payload: JsonObject, receipt: SessionReceipt): SessionUpdate {
  const started = parseTimestamp(payload.started)
  const timestamp = parseTimestamp(payload.timestamp)
  const status = readStatus(payload.status)
  const startedAt = readStart(started, receipt)
  const at = correctClock(timestamp, receipt.sentAt, receipt.receivedAt)
  const update = {
    did: readDid(payload.did),
    // By the sender's clock alone, so that the same bytes have the same place whenever they arrive.
    seq: readSeq(payload, Math.max(started ?? 0, timestamp ?? receipt.receivedAt.getTime())),
    startedAt,
    timestamp: new Date(Math.max(at.getTime(), startedAt.getTime())),
    status,
    errors: Math.max(readCount(payload.errors), WITHOUT_ERROR.includes(status) ? 0 : 1),
    duration: readDuration(payload.duration),
    abnormalMechanism: MECHANISMS.includes(payload.abnormal_mechanism) ? String(payload.abnormal_mechanism) : null,
    ...readAttributes(payload),
  }
  const { startedAt: _started, timestamp: _timestamp, seq: _seq, ...said } = update
  const { init, seq } = payload
  return {
    sid: readSid(payload.sid, [said, started, timestamp, init === true, readInteger(seq, 0, SEQ_END)]),
    ...update,
  }
}

/** `attrs` of both session items. Throws `bad_session` without a release. */
export function readAttributes(payload: JsonObject): { release: string; environment: string | null } {
  const attributes = recordOf(payload.attrs)
  const release = normaliseRelease(attributes.release)
  if (release === null) throw badSession('attrs.release is missing or names no release')
  return { release, environment: normaliseEnvironment(attributes.environment) }
}

/** When a session started, by the server's clock; throws `bad_session` for none, and for one outside Relay's window. */
export function readStart(started: number | null, { receivedAt, sentAt }: SessionReceipt): Date {
  if (started === null) throw badSession('started is missing or no time')
  const received = receivedAt.getTime()
  const drift = sentAt === null ? 0 : received - sentAt.getTime()
  const at = Math.abs(drift) >= DRIFT_MS_MIN ? started + drift : started
  if (at > received + FUTURE_MS_MAX) throw badSession('started is more than 60 seconds ahead')
  if (at < received - SESSION_PAST_MS_MAX) throw badSession('started is more than 5 days ago')
  return new Date(at)
}

/** The nil UUID stands for nobody. */
export function readDid(value: unknown): string | null {
  return isNilEventId(value) ? null : readName(lenientText(value), TEXT_LIMITS.userField)
}

/** 0 for what is no count. */
export function readCount(value: unknown): number {
  return Math.min(readInteger(value, 0, Number.MAX_VALUE) ?? 0, INTEGER_MAX)
}

function readStatus(value: unknown): SessionStatus {
  const status = SESSION_STATUSES.find((known) => known === (value ?? 'ok'))
  if (status === undefined) throw badSession(`status is none of ${SESSION_STATUSES.join(', ')}`)
  return status
}

/** Beyond what a double counts exactly all are equally late. */
function readSeq({ init, seq }: JsonObject, otherwise: number): number {
  if (init === true) return 0
  if (typeof seq === 'number' && seq >= SEQ_END) throw badSession('seq is at the end of 64 bits')
  return Math.min(readInteger(seq, 0, SEQ_END) ?? otherwise, Number.MAX_SAFE_INTEGER)
}

/** Zero has one spelling, as in PostgreSQL's JSON. */
function readDuration(value: unknown): number | null {
  const duration = readNumber(value, 0, Number.MAX_VALUE)
  return duration === 0 ? 0 : duration
}

/**
 * Without an id (the nil UUID is none: sessions of all its senders would be one) a session gets the hash of what its
 * sender said, nothing that depends on the receipt: the same bytes arriving twice are one session.
 */
function readSid(value: unknown, said: readonly unknown[]): string {
  const isMissing = value === undefined || value === null || isNilEventId(value)
  const sid = isMissing ? eventIdFromHash(hash('sha256', JSON.stringify(said), 'buffer')) : parseEventId(value)
  if (sid === null) throw badSession('sid is not a UUID')
  return sid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function badSession(cause: string): ProtocolError {
  return new ProtocolError('bad_session', [cause])
}
