import type { EventId } from './brand.ts'
import { parseEventId } from './event-id.ts'
import { INTEGER_MAX, MONITOR_SLUG_CHARS_MAX, TEXT_LIMITS } from './limits.ts'
import { normaliseEnvironment, normaliseRelease } from './normalise-release.ts'
import { readNumber } from './number.ts'
import { ProtocolError } from './protocol-error.ts'
import type { JsonObject } from './record.ts'
import { readName } from './text.ts'

/** Those a client may send; `missed` and `timeout` are for the server to say. */
const STATUSES = ['in_progress', 'ok', 'error'] as const

/** One ping of a monitor. */
export interface CheckIn {
  /** Null for the newest one that is in progress. */
  readonly id: EventId | null
  readonly monitorSlug: string
  readonly status: (typeof STATUSES)[number]
  /** In seconds. */
  readonly duration: number | null
  readonly environment: string | null
  readonly release: string | null
}

/** A check-in's JSON. Throws `bad_check_in` where it names no monitor or no status a client may send. */
export function readCheckIn(payload: JsonObject): CheckIn {
  const monitorSlug = readSlug(payload.monitor_slug)
  const status = STATUSES.find((known) => known === payload.status)
  if (monitorSlug === null) throw new ProtocolError('bad_check_in', ['monitor_slug: this field is required'])
  if (status === undefined) throw new ProtocolError('bad_check_in', ['status is in_progress, ok or error'])
  return {
    id: parseEventId(payload.check_in_id),
    monitorSlug,
    status,
    duration: readNumber(payload.duration, 0, INTEGER_MAX),
    environment: normaliseEnvironment(payload.environment),
    release: normaliseRelease(payload.release),
  }
}

function readSlug(value: unknown): string | null {
  const slug = readName(value, TEXT_LIMITS.contextText)
  return slug === null ? null : Array.from(slug).slice(0, MONITOR_SLUG_CHARS_MAX).join('')
}
