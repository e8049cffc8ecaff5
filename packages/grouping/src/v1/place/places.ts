import type { Frame } from '@rumen/protocol/event'
import type { V1Component } from '../component.ts'
import type { FailureKind } from '../exception/failure-kind.ts'
import type { Family } from '../family.ts'
import { isBelowLibrary, isEntry } from './entry.ts'
import { readExtension } from './extension.ts'
import { belowPanic, belowRecovery } from './go-panic.ts'
import { findNearest } from './nearest.ts'
import { isShared, type OwnFrame, readOwnFrames } from './own-frame.ts'
import { findRecursion } from './recursion.ts'
import { isReporter } from './reporter.ts'

/** Where it broke, as far as a stack tells. */
export interface Places {
  /** Whether a function of the application is known that failed on nobody's behalf. */
  isKnown: boolean
  components: readonly V1Component[]
}

/**
 * The place an event belongs to: the application's newest function, with its callers as long as they are helpers. What called
 * it, and what the framework put between, is no property of the bug. Frames newest first.
 */
export function findPlaces(frames: readonly Frame[], family: Family, kind: FailureKind): Places {
  const own = readOwnFrames(family === 'go' ? belowPanic(frames) : frames, family)
  const [newest] = own
  if (newest === undefined) return { isKnown: false, components: describeForeign(frames, family) }
  if (newest.name !== null && isReporter(newest.name)) {
    return { isKnown: false, components: frames.map((frame) => leaveOut(frame, 'it was reported there, not broken')) }
  }
  const chosen = choose(own, family, kind)
  const used = new Set(chosen.map(({ source }) => source))
  const components = [
    ...chosen.map(({ source, text }): V1Component => ({ kind: 'frame', source, text, reason: 'where it broke' })),
    ...frames.filter((frame) => !used.has(frame)).map((frame) => leaveOut(frame, 'further away')),
  ]
  const last = chosen.at(-1)
  return { isKnown: last !== undefined && isDecisive(last, { frames, family, kind }), components }
}

function choose(own: readonly OwnFrame[], family: Family, kind: FailureKind): readonly OwnFrame[] {
  // A watchdog looked while something deeper was running: what began it is all that is sure.
  if (kind === 'hang') return own.slice(-1)
  if (kind === 'overflow') {
    const round = findRecursion(own)
    return round.length > 0 ? round : findNearest(own)
  }
  return findNearest(family === 'go' ? belowRecovery(own) : own)
}

/** Whether a place tells by itself which bug this is. */
function isDecisive(
  place: OwnFrame,
  { frames, family, kind }: { frames: readonly Frame[]; family: Family; kind: FailureKind },
): boolean {
  if (place.name === null || (kind === 'other' && isShared(place))) return false
  return !(isEntry(place.name) && isBelowLibrary(frames, place.source, family))
}

/** Of a stack without the application, nothing; but of a browser's extension, which one it is. */
function describeForeign([newest, ...older]: readonly Frame[], family: Family): V1Component[] {
  if (newest === undefined) return []
  const extension = readExtension(newest, family)
  return [
    extension === null
      ? leaveOut(newest, 'a library’s')
      : { kind: 'frame', source: newest, text: extension, reason: 'the extension that broke' },
    ...older.map((frame) => leaveOut(frame, 'a library’s')),
  ]
}

function leaveOut(source: Frame, reason: string): V1Component {
  return { kind: 'frame', source, text: null, reason }
}
