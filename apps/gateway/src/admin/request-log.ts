import type { Endpoint } from '@rumen/db/archive/archive-row'
import type { ProjectId } from '@rumen/protocol/brand'
import { isPublicKey } from '@rumen/protocol/public-key'
import type { Logger } from '@rumen/telemetry/logger'
import { NotKeptError } from '../keep/keep.ts'
import type { DoorOutcome } from './door-outcome.ts'

/** All that is ever logged of a request: nothing of its headers, its query or its body but the SDK's name. */
export interface LoggedRequest extends DoorOutcome {
  requestId: string
  endpoint: Endpoint
  /** Null unless a key was shown that opens it. */
  projectId: ProjectId | null
  /** As the sender calls itself: `sentry.javascript.browser/11.12.0`. */
  client: string | null
  status: number
}

export interface RequestLog {
  /** At debug. */
  accepted(request: LoggedRequest, ms: number): void
  /** At info, and at error with its cause where the event could not be kept. */
  refused(request: LoggedRequest, error: unknown): void
  /** Says what was left out so far. */
  stop(): void
}

/** Lines a second; a flood must not fill the disk, nor hide what else is logged. */
const LINES_MAX = 10
const WINDOW_MS = 1_000

export function createRequestLog(logger: Logger): RequestLog {
  const refusals = limitLines((leftOut) => logger.info({ leftOut }, 'further requests refused'))
  // Apart, so that a sender with a wrong key cannot hide them.
  const failures = limitLines((leftOut) => logger.error({ leftOut }, 'further requests not kept'))
  return {
    accepted(request, ms) {
      if (logger.isLevelEnabled('debug')) logger.debug({ ...fieldsOf(request), ms }, 'request accepted')
    },
    refused(request, error) {
      if (request.outcome === 'not_kept') {
        if (failures.mayLog()) logger.error({ ...fieldsOf(request), err: causeOf(error) }, 'request not kept')
      } else if (logger.isLevelEnabled('info') && refusals.mayLog()) {
        logger.info(fieldsOf(request), 'request refused')
      }
    },
    stop() {
      refusals.stop()
      failures.stop()
    },
  }
}

function fieldsOf({ requestId, projectId, endpoint, status, outcome, reason, client }: LoggedRequest) {
  return { requestId, projectId, endpoint, status, outcome, reason, sdk: sdkName(client) }
}

/** That it could not be kept is known; what kept it from being so is not. */
function causeOf(error: unknown): unknown {
  return error instanceof NotKeptError ? (error.cause ?? error) : error
}

/** The name without the version, if it looks like one: senders may put anything there, a key included. */
function sdkName(client: string | null): string | null {
  const [name = ''] = client?.split('/', 1) ?? []
  return /^[a-z][a-z0-9._-]{0,63}$/i.test(name) && !isPublicKey(name.toLowerCase()) ? name : null
}

/** Lets the first lines of each second pass and, when it is over, tells how many it did not. */
function limitLines(tell: (leftOut: number) => void) {
  let passed = 0
  let leftOut = 0
  let window: NodeJS.Timeout | null = null

  function end(): void {
    window = null
    const untold = leftOut
    passed = 0
    leftOut = 0
    if (untold > 0) tell(untold)
  }

  return {
    mayLog(): boolean {
      window ??= setTimeout(end, WINDOW_MS).unref()
      if (passed === LINES_MAX) leftOut++
      else passed++
      return leftOut === 0
    },
    stop() {
      if (window) clearTimeout(window)
      end()
    },
  }
}
