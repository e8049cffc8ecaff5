import type { Event, Frame, Stacktrace } from '@rumen/protocol/event'
import { type Column, EventTexts } from './event-texts.ts'
import { type Glob, matchesGlob } from './glob.ts'
import type { Matcher } from './matcher.ts'
import type { Rule, Rules } from './parse-rules.ts'

/** What the rules said of a frame, and on which line; an ignored frame is neither in the application nor out of it. */
export type FrameRuling = { line: number; isIgnored: true } | { line: number; isIgnored: false; inApp: boolean }

export interface Ruled {
  /** The event with `inApp` set and ignored frames taken out by rules; the same object where none changed it. */
  event: Event
  /** Parts as written, variables not yet filled; `null` where no rule says. */
  fingerprint: { line: number; parts: readonly string[] } | null
  /** As written, variables not yet filled; `null` where no rule says. */
  title: { line: number; template: string } | null
  /** The frames the rules spoke of, by the object of the event that was given. */
  frames: ReadonlyMap<Frame, FrameRuling>
}

/**
 * What a project's rules say about an event: for the fingerprint, for the title and for each frame the first line that
 * matches. Lines see the event as it came, not what lines before them made of it. Pure and total: it never throws.
 * A rule costs at most its matchers × frames × (length of text × length of pattern) steps; most end at a first look.
 */
export function applyRules({ rules }: Rules, event: Event): Ruled {
  const ruled: Ruled = { event, fingerprint: null, title: null, frames: new Map() }
  if (rules.length === 0) return ruled
  const texts = new EventTexts(event)
  const rulings: (FrameRuling | null)[] = texts.frames.map(() => null)
  for (const rule of rules) {
    const parts = ruled.fingerprint === null ? rule.fingerprint : null
    const template = ruled.title === null ? rule.title : null
    const judgesFrames = rule.isIgnored || rule.inApp !== null
    if (parts === null && template === null && !judgesFrames) continue
    if (!holds(rule.matchers.event, texts) || !holds(rule.matchers.exception, texts)) continue
    if (judgesFrames) judgeFrames(rule, texts, rulings)
    if ((parts === null && template === null) || !holds(rule.matchers.frame, texts)) continue
    if (parts !== null) ruled.fingerprint = { line: rule.line, parts }
    if (template !== null) ruled.title = { line: rule.line, template }
  }
  const frames = byFrame(texts.frames, rulings)
  return { ...ruled, event: rewrite(event, frames), frames }
}

interface Probe {
  readonly glob: Glob
  readonly columns: readonly Column[]
  readonly isNegated: boolean
}

function probe(matchers: readonly Matcher[], texts: EventTexts): Probe[] {
  return matchers.map((matcher) => ({
    glob: matcher.glob,
    columns: texts.columns(matcher),
    isNegated: matcher.isNegated,
  }))
}

/**
 * Whether the matchers of one subject hold for the event: those without `!` hit the same exception or frame, those
 * with `!` hit none at all. What users deny, as in `!type:Timeout`, they do not want anywhere in the chain.
 */
function holds(matchers: readonly Matcher[], texts: EventTexts): boolean {
  if (matchers.length === 0) return true
  const probes = probe(matchers, texts)
  if (probes.some((one) => one.isNegated && hitsSomewhere(one))) return false
  const wanted = probes.filter(({ isNegated }) => !isNegated)
  const count = wanted[0]?.columns[0]?.length ?? 0
  for (let index = 0; index < count; index++) if (areMet(wanted, index)) return true
  return wanted.length === 0
}

function hitsSomewhere(one: Probe): boolean {
  const count = one.columns[0]?.length ?? 0
  for (let index = 0; index < count; index++) if (hits(one, index)) return true
  return false
}

// Plain loops from here on: 50 rules on 50 frames are thousands of looks for every event.
function areMet(probes: readonly Probe[], index: number): boolean {
  for (const one of probes) if (hits(one, index) === one.isNegated) return false
  return true
}

function hits({ glob, columns }: Probe, index: number): boolean {
  for (const column of columns) {
    const text = column[index]
    if (typeof text === 'string' && matchesGlob(glob, text)) return true
  }
  return false
}

/** Here each frame is judged by itself, so `!` denies that frame alone. */
function judgeFrames(rule: Rule, texts: EventTexts, rulings: (FrameRuling | null)[]): void {
  const probes = probe(rule.matchers.frame, texts)
  for (let index = 0; index < rulings.length; index++) {
    const known = rulings[index] ?? null
    if (known !== null && (known.isIgnored || !rule.isIgnored)) continue
    if (!areMet(probes, index)) continue
    if (rule.isIgnored) rulings[index] = { line: rule.line, isIgnored: true }
    else if (rule.inApp !== null) rulings[index] = { line: rule.line, isIgnored: false, inApp: rule.inApp }
  }
}

function byFrame(frames: readonly Frame[], rulings: readonly (FrameRuling | null)[]): Map<Frame, FrameRuling> {
  const found = new Map<Frame, FrameRuling>()
  for (const [index, frame] of frames.entries()) {
    const ruling = rulings[index] ?? null
    if (ruling !== null) found.set(frame, ruling)
  }
  return found
}

function rewrite(event: Event, rulings: ReadonlyMap<Frame, FrameRuling>): Event {
  if (rulings.size === 0) return event
  const stacktrace = rewriteStack(event.stacktrace, rulings)
  const exceptions = event.exceptions.map((exception) => {
    const ruled = rewriteStack(exception.stacktrace, rulings)
    return ruled === exception.stacktrace ? exception : { ...exception, stacktrace: ruled }
  })
  const isSame = stacktrace === event.stacktrace && exceptions.every((one, index) => one === event.exceptions[index])
  return isSame ? event : { ...event, exceptions, stacktrace }
}

function rewriteStack(stacktrace: Stacktrace | null, rulings: ReadonlyMap<Frame, FrameRuling>): Stacktrace | null {
  if (stacktrace === null) return null
  const frames = stacktrace.frames.flatMap((frame) => {
    const ruling = rulings.get(frame)
    if (ruling === undefined) return [frame]
    if (ruling.isIgnored) return []
    return [ruling.inApp === frame.inApp ? frame : { ...frame, inApp: ruling.inApp }]
  })
  const isSame = frames.length === stacktrace.frames.length && frames.every((one, at) => one === stacktrace.frames[at])
  if (isSame) return stacktrace
  return frames.length === 0 ? null : { ...stacktrace, frames }
}
