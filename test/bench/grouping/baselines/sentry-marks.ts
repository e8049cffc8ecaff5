import type { Frame } from '@rumen/protocol/event'
import { familyOf } from './families.ts'
import { FRAME_RULES, type FrameMarks, type FrameRule } from './sentry-rules.ts'
import { trimFunction } from './trim-function.ts'

/** A frame as the rules see it. */
interface Seen {
  path: string
  module: string | null
  package: string | null
  function: string | null
}

/** What the built-in rules say of each frame of a stack; what an SDK left open is not in-app. */
export function markFrames(frames: readonly Frame[], platform: string): readonly FrameMarks[] {
  const family = familyOf(platform)
  const seen = frames.map((frame) => see(frame, platform))
  const marks = frames.map(({ inApp }): FrameMarks => ({ inApp: inApp ?? false, counts: true, category: null }))
  for (const rule of FRAME_RULES) {
    if (rule.family !== undefined && rule.family !== family) continue
    for (const [at, frame] of seen.entries()) {
      if (!fits(rule, frame, marks, at)) continue
      Object.assign(marks[at] ?? {}, rule.marks)
      for (const later of rule.newer ? marks.slice(at + 1) : []) Object.assign(later, rule.newer)
      for (const earlier of rule.older ? marks.slice(0, at) : []) Object.assign(earlier, rule.older)
    }
  }
  return marks
}

function see({ absPath, filename, module, package: image, function: name }: Frame, platform: string): Seen {
  const path = (absPath ?? filename ?? '').toLowerCase().replaceAll('\\', '/')
  return {
    ...{ path: path === '' || path.startsWith('/') ? path : `/${path}`, module, package: image },
    function: name === null ? null : trimFunction(name, platform),
  }
}

function fits(rule: FrameRule, frame: Seen, marks: readonly FrameMarks[], at: number): boolean {
  return (
    matches(rule.module, frame.module) &&
    matches(rule.path, frame.path) &&
    matches(rule.package, frame.package) &&
    matches(rule.function, frame.function) &&
    (rule.inApp === undefined || marks[at]?.inApp === rule.inApp) &&
    (rule.category === undefined || marks[at]?.category === rule.category) &&
    (rule.callerCategory === undefined || marks[at - 1]?.category === rule.callerCategory)
  )
}

function matches(pattern: RegExp | undefined, text: string | null): boolean {
  return pattern === undefined || (text !== null && pattern.test(text))
}
