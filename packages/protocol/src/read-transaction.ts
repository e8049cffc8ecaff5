import type { EventId } from './brand.ts'
import { correctClock, parseTimestamp } from './clock.ts'
import { INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import type { EventReceipt } from './normalise-event.ts'
import { normaliseEnvironment, normaliseRelease } from './normalise-release.ts'
import { normaliseTags } from './normalise-tags.ts'
import { readTraceId } from './read-trace-id.ts'
import { type JsonObject, recordOf } from './record.ts'
import { readName } from './text.ts'

/** One run of something an SDK measures, without its spans. */
export interface Transaction {
  readonly id: EventId
  readonly name: string | null
  /** What kind of work it was, `http.server`. */
  readonly op: string | null
  readonly status: string | null
  readonly traceId: string | null
  readonly startedAt: Date
  readonly finishedAt: Date
  /** From 0 to `INTEGER_MAX`, and exactly what lies between the two times. */
  readonly durationMs: number
  readonly environment: string | null
  readonly release: string | null
}

/** A transaction's JSON. Total like `normaliseEvent`: what has no usable times happened on receipt and took no time. */
export function readTransaction(
  payload: JsonObject,
  receipt: Pick<EventReceipt, 'eventId' | 'receivedAt' | 'sentAt'>,
): Transaction {
  const { op, status } = recordOf(recordOf(payload.contexts).trace)
  const { transaction } = payload
  return {
    id: receipt.eventId,
    name: typeof transaction === 'string' ? readMasked(transaction.trim(), TEXT_LIMITS.transaction) : null,
    op: readName(op, TEXT_LIMITS.contextText),
    status: readName(status, TEXT_LIMITS.contextText),
    traceId: readTraceId(payload.contexts),
    ...readTimes(payload, receipt),
    environment:
      normaliseEnvironment(payload.environment) ?? normaliseEnvironment(normaliseTags(payload.tags).environment),
    release: normaliseRelease(payload.release),
  }
}

/** The end is set right and the beginning counted back from it, so that one shift moves both. */
function readTimes(
  payload: JsonObject,
  { sentAt, receivedAt }: Pick<EventReceipt, 'receivedAt' | 'sentAt'>,
): Pick<Transaction, 'startedAt' | 'finishedAt' | 'durationMs'> {
  const started = parseTimestamp(payload.start_timestamp)
  const finished = parseTimestamp(payload.timestamp) ?? started
  const lasted = started === null || finished === null ? 0 : finished - started
  const durationMs = Math.min(Math.max(lasted, 0), INTEGER_MAX)
  const finishedAt = correctClock(finished, sentAt, receivedAt)
  return { startedAt: new Date(finishedAt.getTime() - durationMs), finishedAt, durationMs }
}
