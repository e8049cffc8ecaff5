import type { EventId } from './brand.ts'
import { correctClock, parseTimestamp } from './clock.ts'
import { contextsByType } from './contexts-by-type.ts'
import { deriveTags } from './derive-tags.ts'
import type { Event, NameVersion } from './event.ts'
import { imageFinder } from './image-offsets.ts'
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
import { placeStacks } from './place-stacks.ts'
import { readTraceId } from './read-trace-id.ts'
import { type JsonObject, recordOf } from './record.ts'
import { readName } from './text.ts'

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
  const sentContexts = payload.contexts ?? payload['sentry.interfaces.Contexts']
  const contexts = contextsByType(sentContexts)
  const { tags, environment } = normaliseTags(payload.tags)
  const stacks = placeStacks(payload)
  const findImage = imageFinder(payload.debug_meta)
  const exceptions = normaliseExceptions(stacks.exceptions, findImage)
  const event = {
    id: receipt.eventId,
    occurredAt: correctClock(parseTimestamp(payload.timestamp), receipt.sentAt, receipt.receivedAt),
    kind: exceptions.length > 0 ? ('error' as const) : ('message' as const),
    level: normaliseLevel(payload.level, payload.type === 'transaction' ? 'info' : 'error'),
    platform,
    logger: normaliseLogger(payload.logger),
    traceId: readTraceId(sentContexts),
    transaction: readTransaction(payload.transaction) ?? readTransaction(payload.culprit),
    serverName: readName(payload.server_name, TEXT_LIMITS.serverName),
    release,
    dist: normaliseDist(payload.dist),
    environment: normaliseEnvironment(payload.environment) ?? normaliseEnvironment(environment),
    fingerprint: normaliseFingerprint(payload.fingerprint, payload.checksum),
    message: normaliseMessage(payload),
    exceptions,
    stacktrace: normaliseStacktrace(stacks.stack?.value, findImage),
    user: normaliseUser(payload, request, receipt.clientIp),
    request: normaliseRequest(request),
    contexts: normaliseContexts(contexts, parseRelease(release), userAgentOf(request, platform, receipt)),
    sdk: normaliseSdk(payload.sdk, receipt.sdk ?? null, receipt.client) ?? { name: null, version: null },
  }
  return { ...event, tags: deriveTags(tags, event, contexts, payload.site) }
}

/** The browser's: what the event's own request says, for events of browsers also the request that delivered them. */
function userAgentOf(request: JsonObject, platform: string, receipt: EventReceipt): string | null {
  return findHeader(request.headers, 'user-agent') ?? (platform === 'javascript' ? receipt.userAgent : null)
}

/** Any plausible name: Relay's list lacks platforms newer than itself, such as dart and swift. */
function normalisePlatform(value: unknown): string {
  const platform = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return /^[a-z0-9_-]{1,64}$/.test(platform) ? platform : 'other'
}

/** Old SDKs have `culprit` for it. */
function readTransaction(value: unknown): string | null {
  return typeof value === 'string' ? readMasked(value.trim(), TEXT_LIMITS.transaction) : null
}
