import { DRIFT_MS_MIN, FUTURE_MS_MAX, PAST_MS_MAX } from './limits.ts'

/** No date of an SDK lies past it: a number beyond is milliseconds where seconds are asked for. */
const SECONDS_MAX = 1e11
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

/**
 * When an event happened by the server's clock. A sender's clock that is off by 55 minutes or more is corrected by
 * `sent_at`; what then still lies more than a minute ahead or 30 days back counts as now. Offline SDKs stamp `sent_at`
 * on every attempt, so an old event with a fresh one is genuine and keeps its time.
 */
export function correctClock(timestamp: number | null, sentAt: Date | null, receivedAt: Date): Date {
  if (timestamp === null) return receivedAt
  const received = receivedAt.getTime()
  const drift = sentAt === null ? 0 : received - sentAt.getTime()
  const at = Math.abs(drift) >= DRIFT_MS_MIN ? timestamp + drift : timestamp
  const isPlausible = at <= received + FUTURE_MS_MAX && at >= received - PAST_MS_MAX
  return isPlausible ? new Date(at) : receivedAt
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
