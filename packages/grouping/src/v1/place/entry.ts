import type { Frame } from '@rumen/protocol/event'
import type { Family } from '../family.ts'
import { isInApp } from '../in-app/in-app.ts'
import { isRuntime } from '../in-app/runtime.ts'

const ENTRY = /(?:^|[.:])(?:main|Main|dispatch|__call__|bootstrap)$/

/** Whether a function is where programs and requests begin: no place for what a library threw deep below. */
export function isEntry(name: string): boolean {
  return ENTRY.test(name)
}

/** Whether somebody else's code, and not only the language's own, stands between the failure and `place`. Frames newest first. */
export function isBelowLibrary(frames: readonly Frame[], place: Frame, family: Family): boolean {
  const above = frames.slice(0, frames.indexOf(place))
  return above.some((frame) => !isInApp(frame, family) && !isRuntime(frame, family))
}
