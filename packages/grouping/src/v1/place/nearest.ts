import { isShared, type OwnFrame } from './own-frame.ts'

/** Helpers that may stand between the failure and the code it belongs to. */
const HELPERS_MAX = 3

/** The newest frame, and while that only helps, who called it. */
export function findNearest(own: readonly OwnFrame[]): readonly OwnFrame[] {
  const chosen: OwnFrame[] = []
  const texts = new Set<string>()
  for (const [at, frame] of own.entries()) {
    if (texts.has(frame.text) || isPartOf(frame, own[at + 1])) continue
    texts.add(frame.text)
    chosen.push(frame)
    if (!isShared(frame) || chosen.length > HELPERS_MAX) break
  }
  return chosen
}

/** A callback or a comprehension without a name is part of the function around it. */
function isPartOf(frame: OwnFrame, around: OwnFrame | undefined): boolean {
  return frame.name === null && around !== undefined && around.name !== null && isSameFile(frame, around)
}

function isSameFile({ source: one }: OwnFrame, { source: other }: OwnFrame): boolean {
  const path = one.absPath ?? one.filename
  return path !== null && path === (other.absPath ?? other.filename)
}
