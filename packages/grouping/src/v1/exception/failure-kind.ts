import type { Exception } from '@rumen/protocol/event'
import { either } from '../pattern.ts'

/** Failures that end at a place of chance: a stack ran full, or a watchdog looked at what took too long. */
export type FailureKind = 'overflow' | 'hang' | 'other'

const OVERFLOW_TYPE =
  /^(?:StackOverflow(?:Error|Exception)|java\.lang\.StackOverflowError|RecursionError|SystemStackError)$/
const OVERFLOW_TEXT = new RegExp(
  `^${either([
    // JavaScript: V8, Firefox.
    /Maximum call stack size exceeded|too much recursion/,
    /stack level too deep/,
    /maximum recursion depth/,
    /runtime: goroutine stack exceeds/,
    // Darwin's guard page.
    /KERN_PROTECTION_FAILURE/,
    /Stack overflow/,
  ])}`,
  'i',
)

const HANG_TYPE = new RegExp(
  `^${either([
    /ApplicationNotResponding|ANR/,
    /App ?Hang(?:ing)?|WatchdogTermination/,
    // Of Celery, Rack, rq and gunicorn.
    /SoftTimeLimitExceeded|TimeLimitExceeded/,
    /Rack::Timeout::\w+/,
    /JobTimeoutException|WorkerTimeout/,
  ])}$`,
  'i',
)

/** Of which kind a failure is, by its cause. */
export function failureKindOf(root: Exception | null): FailureKind {
  if (root === null) return 'other'
  const type = root.type ?? ''
  if (OVERFLOW_TYPE.test(type) || OVERFLOW_TEXT.test(root.value ?? '')) return 'overflow'
  return HANG_TYPE.test(type) ? 'hang' : 'other'
}
