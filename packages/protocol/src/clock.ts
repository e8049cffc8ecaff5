import { DRIFT_MS_MIN, FUTURE_MS_MAX, PAST_MS_MAX } from './limits.ts'

/** No date of an SDK lies past it: a number beyond is milliseconds where seconds are asked for. */
const SECONDS_MAX = 1e11
const NO_ERRORS: readonly ClockError[] = Object.freeze([])
const MS_MAX = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d{0,9})? ?(Z|z|UTC|([+-])(\d\d):?(\d\d))?$/

/**
 * A time of the protocol in milliseconds since 1970: a number or numeric text in seconds (or milliseconds, see above),
 * or RFC 3339 text, UTC where it names no zone. `null` for anything else, and for times before 1970 or after 9999.
 */
export function parseTimestamp(value: unknown): number | null {
  if (typeof value === 'number') return fromNumber(value)
  if (typeof value !== 'string' || value.length > 64) return null
  const text = value.trim()
  return /^\d+(?:\.\d+)?$/.test(text) ? fromNumber(Number(text)) : fromText(text)
}

/** The errors Relay notes where it moves an event in time. */
export type ClockError = 'clock_drift' | 'future_timestamp' | 'past_timestamp'

export interface ServerClock {
  readonly occurredAt: Date
  /** What any other time of the event is to be moved by. */
  readonly shiftMs: number
  readonly errors: readonly ClockError[]
}

/** When an event happened by the server's clock, see `readClock`. */
export function correctClock(timestamp: number | null, sentAt: Date | null, receivedAt: Date): Date {
  return readClock(timestamp, sentAt, receivedAt).occurredAt
}

/** A time of an event by the server's clock; `null` where it has none, or none that a calendar holds. */
export function shiftTimestamp(value: unknown, shiftMs: number): Date | null {
  const at = parseTimestamp(value)
  const shifted = at === null ? null : inRange(at + shiftMs)
  return shifted === null ? null : new Date(shifted)
}

/**
 * When an event happened by the server's clock. A sender's clock that is off by 55 minutes or more is corrected by
 * `sent_at`; what then still lies more than a minute ahead or 30 days back counts as now. Offline SDKs stamp `sent_at`
 * on every attempt, so an old event with a fresh one is genuine and keeps its time.
 */
export function readClock(timestamp: number | null, sentAt: Date | null, receivedAt: Date): ServerClock {
  const received = receivedAt.getTime()
  const difference = sentAt === null ? 0 : received - sentAt.getTime()
  const drift = Math.abs(difference) >= DRIFT_MS_MIN ? difference : 0
  const errors: readonly ClockError[] = drift === 0 ? NO_ERRORS : ['clock_drift']
  if (timestamp === null) return { occurredAt: receivedAt, shiftMs: drift, errors }
  const at = timestamp + drift
  const isFuture = at > received + FUTURE_MS_MAX
  if (!isFuture && at >= received - PAST_MS_MAX) return { occurredAt: new Date(at), shiftMs: drift, errors }
  const error = isFuture ? 'future_timestamp' : 'past_timestamp'
  return { occurredAt: receivedAt, shiftMs: received - timestamp, errors: [...errors, error] }
}

function fromNumber(value: number): number | null {
  return inRange(value > SECONDS_MAX ? value : value * 1000)
}

/** By hand, because Date.parse reads a time without a zone as local and rolls 30 February over. */
function fromText(text: string): number | null {
  const parts = DATE.exec(text)
  if (parts === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number)
  if (year < 1970 || hour > 23 || minute > 59 || second > 60) return null // 60: a leap second
  const midnight = new Date(Date.UTC(year, month - 1, day))
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return null
  const fraction = Number(`0.${parts[7] ?? 0}`)
  const zone = (Number(parts[10] ?? 0) * 60 + Number(parts[11] ?? 0)) * (parts[9] === '-' ? -1 : 1)
  return inRange(midnight.getTime() + ((hour * 60 + minute - zone) * 60 + second + fraction) * 1000)
}

function inRange(ms: number): number | null {
  return ms >= 0 && ms <= MS_MAX ? Math.floor(ms) : null
}
