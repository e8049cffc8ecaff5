import type { EventId } from './brand.ts'
import { correctClock, parseTimestamp } from './clock.ts'
import type { Event, Exception, NameVersion, Stacktrace } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import { normaliseContexts } from './normalise-contexts.ts'
import { normaliseExceptions } from './normalise-exception.ts'
import { normaliseFingerprint } from './normalise-fingerprint.ts'
import { normaliseLevel } from './normalise-level.ts'
import { normaliseLogger } from './normalise-logger.ts'
import { normaliseMessage } from './normalise-message.ts'
import { normaliseDist, normaliseEnvironment, normaliseRelease, parseRelease } from './normalise-release.ts'
import { findHeader, normaliseRequest } from './normalise-request.ts'
import { normaliseSdk } from './normalise-sdk.ts'
import { normaliseStacktrace } from './normalise-stacktrace.ts'
import { normaliseTags } from './normalise-tags.ts'
import { normaliseUser } from './normalise-user.ts'
import { type JsonObject, recordOf } from './record.ts'
import { readName } from './text.ts'
import { valuesOf } from './values-list.ts'

/** What the gateway knew of an event besides its payload. */
export interface EventReceipt {
  readonly eventId: EventId
  readonly receivedAt: Date
  readonly sentAt: Date | null
  readonly clientIp: string | null
  /** Of the request that delivered the event, which is the browser's own only for events of browsers. */
  readonly userAgent: string | null
  /** `sentry_client` of the request. */
  readonly client: string | null
  /** `sdk` of the envelope's header. */
  readonly sdk?: NameVersion | null
}

/**
 * An event's JSON as everything behind the parser sees it (Sentry event payloads; coercions as in Relay). Pure and
 * total: a field of the wrong type is lost, cut or replaced, never the event, and no JSON value makes it throw.
 */
export function normaliseEvent(payload: Record<string, unknown>, receipt: EventReceipt): Event {
  const platform = normalisePlatform(payload.platform)
  const release = normaliseRelease(payload.release)
  const request = recordOf(payload.request ?? payload['sentry.interfaces.Http'])
  const { tags, environment } = normaliseTags(payload.tags)
  const stacks = placeStacktrace(payload)
  return {
    id: receipt.eventId,
    occurredAt: correctClock(parseTimestamp(payload.timestamp), receipt.sentAt, receipt.receivedAt),
    kind: stacks.exceptions.length > 0 ? 'error' : 'message',
    level: normaliseLevel(payload.level),
    platform,
    logger: normaliseLogger(payload.logger),
    transaction: readTransaction(payload.transaction),
    serverName: readName(payload.server_name, TEXT_LIMITS.serverName),
    release,
    dist: normaliseDist(payload.dist),
    environment: normaliseEnvironment(payload.environment) ?? normaliseEnvironment(environment),
    fingerprint: normaliseFingerprint(payload.fingerprint),
    tags,
    message: normaliseMessage(payload),
    ...stacks,
    user: normaliseUser(payload, request, receipt.clientIp),
    request: normaliseRequest(request),
    contexts: normaliseContexts(
      payload.contexts ?? payload['sentry.interfaces.Contexts'],
      parseRelease(release),
      findHeader(request.headers, 'user-agent') ?? (platform === 'javascript' ? receipt.userAgent : null),
    ),
    sdk: normaliseSdk(payload.sdk, receipt.sdk ?? null, receipt.client) ?? { name: null, version: null },
  }
}

/** Any plausible name: Relay's list lacks platforms newer than itself, such as dart and swift. */
function normalisePlatform(value: unknown): string {
  const platform = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return /^[a-z0-9_-]{1,64}$/.test(platform) ? platform : 'other'
}

function readTransaction(value: unknown): string | null {
  return typeof value === 'string' ? readMasked(value.trim(), TEXT_LIMITS.transaction) : null
}

/** A stack outside exceptions belongs to a lone exception without its own; an event without exceptions keeps it. */
function placeStacktrace(payload: JsonObject): { exceptions: readonly Exception[]; stacktrace: Stacktrace | null } {
  const exceptions = normaliseExceptions(payload.exception ?? payload['sentry.interfaces.Exception'])
  const [first, ...others] = exceptions
  const loose = payload.stacktrace ?? payload['sentry.interfaces.Stacktrace']
  if (first === undefined) return { exceptions, stacktrace: normaliseStacktrace(loose) ?? threadStacktrace(payload) }
  if (others.length > 0 || first.stacktrace !== null) return { exceptions, stacktrace: null }
  return { exceptions: [{ ...first, stacktrace: normaliseStacktrace(loose) }], stacktrace: null }
}

/** The one thread that speaks for the event: the only crashed one, else the only current one, else the only one. */
function threadStacktrace(payload: JsonObject): Stacktrace | null {
  const threads = valuesOf(payload.threads)
  const crashed = threads.filter((thread) => thread.crashed === true)
  const current = threads.filter((thread) => thread.current === true)
  const thread = [crashed, current, threads].find((group) => group.length === 1)?.[0]
  return normaliseStacktrace(thread?.stacktrace)
}
