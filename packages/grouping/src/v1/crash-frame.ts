import type { Event, Frame } from '@rumen/protocol/event'
import { familyOf } from './family.ts'
import { isInApp } from './in-app/in-app.ts'

/**
 * The frame an event broke in, as far as `isFit` accepts it: the newest of the application's own, else the newest
 * at all, of the newest exception with a stack, else of the event's thread.
 */
export function findCrashFrame(event: Event, isFit: (frame: Frame) => boolean = () => true): Frame | null {
  const thrower = event.exceptions.findLast((exception) => exception.stacktrace !== null)
  const frames = (thrower?.stacktrace ?? event.stacktrace)?.frames ?? []
  const family = familyOf(event.platform)
  return frames.findLast((frame) => isInApp(frame, family) && isFit(frame)) ?? frames.findLast(isFit) ?? null
}
