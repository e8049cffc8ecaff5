import type { Frame } from '@rumen/protocol/event'
import type { OwnFrame } from './own-frame.ts'

/** How Go's runtime begins a panic. */
const PANIC = /^(?:panic|gopanic|goPanic\w*|sigpanic|panic(?:mem|Index|Slice)\w*|panicdivide)$/

/** What deferred functions do after a panic stands above it, and is not where it broke. Frames newest first. */
export function belowPanic(frames: readonly Frame[]): readonly Frame[] {
  return frames.slice(frames.findLastIndex((frame) => frame.function !== null && PANIC.test(frame.function)) + 1)
}

/**
 * A deferred closure that recovered from the panic: the function it belongs to stands again below the one that broke. One that
 * was handed to a generic function, `each[...]`, was called by that.
 */
export function belowRecovery(own: readonly OwnFrame[]): readonly OwnFrame[] {
  const [newest, next] = own
  const isClosure = newest?.source.function?.includes('.func') === true
  const isHandedOn = next?.source.function?.includes('[...]') === true
  const isAgain = own.findIndex((frame, at) => at > 0 && frame.text === newest?.text) > 1
  return isClosure && isAgain && !isHandedOn ? own.slice(1) : own
}
