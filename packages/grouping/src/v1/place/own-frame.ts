import type { Frame } from '@rumen/protocol/event'
import type { Family } from '../family.ts'
import { readFrame } from '../frame/frame.ts'
import type { Place } from '../frame/place.ts'
import { ownFrames } from '../in-app/in-app.ts'
import { isHelper } from './helping-function.ts'

/** A frame of the application with the place it names. */
export interface OwnFrame extends Place {
  source: Frame
}

/** The application's frames that name a place, in the order they came. */
export function readOwnFrames(frames: readonly Frame[], family: Family): readonly OwnFrame[] {
  return ownFrames(frames, family).flatMap((source): OwnFrame[] => {
    const place = readFrame(source, family)
    return place === null ? [] : [{ ...place, source }]
  })
}

/** Whether a place is none without its caller. */
export function isShared({ name, isShared: isGeneric = false }: Place): boolean {
  return name !== null && (isGeneric || isHelper(name))
}
