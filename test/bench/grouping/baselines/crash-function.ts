import type { Event, Frame } from '@rumen/protocol/event'
import { trimFunction } from './trim-function.ts'

const NAMELESS = new Set(['', '<redacted>', '<unknown>'])

/** The name Bugsink and GlitchTip give to a synthetic exception: the newest in-app function, else the newest. */
export function crashFunction(event: Event): string | null {
  const frames = (event.exceptions.at(-1)?.stacktrace ?? event.stacktrace)?.frames ?? []
  const isNamed = (frame: Frame) => !NAMELESS.has(frame.function ?? '')
  const frame = frames.findLast((one) => one.inApp === true && isNamed(one)) ?? frames.findLast(isNamed)
  return frame?.function ? trimFunction(frame.function, event.platform) : null
}
