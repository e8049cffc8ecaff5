import { parseTimestamp, readClock } from './clock.ts'
import type { BagObject } from './details/bag.ts'
import { type MetaTree, mergeMeta } from './details/merge-meta.ts'
import { type Breadcrumb, readBreadcrumbs } from './details/read-breadcrumbs.ts'
import { type Context, readContexts } from './details/read-contexts.ts'
import { type DebugImage, readDebugImages } from './details/read-debug-images.ts'
import { type ProcessingError, readErrors } from './details/read-errors.ts'
import { type ExceptionDetails, readExceptions } from './details/read-exceptions.ts'
import { readExtra } from './details/read-extra.ts'
import { type MessageDetails, readMessage } from './details/read-message.ts'
import { type Pair, readModules } from './details/read-pairs.ts'
import { type RequestDetails, readRequest } from './details/read-request.ts'
import { readSdk, type SdkDetails } from './details/read-sdk.ts'
import { readStack, type StackDetails } from './details/read-stack.ts'
import { readThreads, type Thread } from './details/read-threads.ts'
import { readUser, type UserDetails } from './details/read-user.ts'
import type { Trail } from './details/trail.ts'
import { imageFinder } from './image-offsets.ts'
import type { EventReceipt } from './normalise-event.ts'
import { normaliseSdk } from './normalise-sdk.ts'
import { normaliseUser } from './normalise-user.ts'
import { placeStacks } from './place-stacks.ts'
import { recordOf } from './record.ts'

/**
 * What a page shows of one event beyond the `Event` that is counted and grouped: everything a person may want to read,
 * bounded and without secrets. Made by `readEventDetails` alone, from the archive, each time it is asked for.
 */
export interface EventDetails {
  message: MessageDetails | null
  exceptions: readonly ExceptionDetails[]
  /** Of an event without exceptions. */
  stacktrace: StackDetails | null
  threads: readonly Thread[]
  breadcrumbs: readonly Breadcrumb[]
  request: RequestDetails
  user: UserDetails
  contexts: readonly Context[]
  extra: BagObject
  modules: readonly Pair[]
  debugImages: readonly DebugImage[]
  sdk: SdkDetails
  errors: readonly ProcessingError[]
  /** What is missing of the values above, by the SDK's word and ours, in Sentry's form. */
  meta: MetaTree | null
}

/**
 * An event's JSON as a person reads it (Sentry event payloads). Pure and total like `normaliseEvent`, with which it agrees
 * on everything they share; several times slower, for it reads all there is.
 */
export function readEventDetails(payload: Record<string, unknown>, receipt: EventReceipt): EventDetails {
  const root: Trail = { path: [], cuts: [] }
  const request = recordOf(payload.request ?? payload['sentry.interfaces.Http'])
  const clock = readClock(parseTimestamp(payload.timestamp), receipt.sentAt, receipt.receivedAt)
  const user = normaliseUser(payload, request, receipt.clientIp)
  const sdk = normaliseSdk(payload.sdk, receipt.sdk ?? null, receipt.client) ?? { name: null, version: null }
  const stacks = placeStacks(payload)
  const findImage = imageFinder(payload.debug_meta)
  const details = {
    message: readMessage(payload, root),
    exceptions: readExceptions(
      payload.exception ?? payload['sentry.interfaces.Exception'],
      stacks.exceptions,
      root,
      findImage,
    ),
    stacktrace: readStack(stacks.stack, root, findImage),
    threads: readThreads(payload.threads, root, findImage),
    breadcrumbs: readBreadcrumbs(payload.breadcrumbs ?? payload['sentry.interfaces.Breadcrumbs'], clock.shiftMs, root),
    request: readRequest(request, root),
    user: readUser(payload.user ?? payload['sentry.interfaces.User'], user, root),
    contexts: readContexts(payload.contexts ?? payload['sentry.interfaces.Contexts'], root),
    extra: readExtra(payload.extra, root),
    modules: readModules(payload.modules, { path: ['modules'], cuts: root.cuts }),
    debugImages: readDebugImages(payload.debug_meta, root),
    sdk: readSdk(payload.sdk, sdk),
    errors: readErrors(payload.errors, clock.errors, payload.timestamp, root),
  }
  return { ...details, meta: mergeMeta(payload._meta, root.cuts) }
}
