import type { Event, Frame } from '@rumen/protocol/event'
import type { GroupingConfig, Mechanism, Strategy } from './config.ts'
import { type Component, type TracedGrouping, traceGroup } from './group.ts'
import type { FrameRuling, Ruled } from './rules/apply-rules.ts'

/** What was looked at on the way to a key, used or not. */
export interface ExplainedComponent {
  kind: Component['kind']
  /** What the event had, in full: a type, a text, or a frame as `function, file or module:line`. */
  source: string
  /** As it stands in the key; null where it is left out. */
  text: string | null
  isUsed: boolean
  /** Why, in words that end a sentence, with the line of the project's rules that says so. */
  reason: string
}

/** Why an event belongs to its issue. */
export interface Explanation {
  mechanism: Mechanism
  strategy: Strategy
  /** At most 8 KiB of UTF-8, cut where it was longer. */
  key: string
  /** Of the whole key: 64 hexadecimal characters. */
  hash: string
  title: string
  /** The line of the rules that gave the title; null: it is the event's own. */
  titleRule: number | null
  culprit: string
  /** The texts of those that are used, joined by ` ⋄ `, are the whole key. */
  components: readonly ExplainedComponent[]
}

/** What groups an event, piece by piece, as the digest grouped it. Pure and total, as `group` is. */
export function explain(event: Event, config: GroupingConfig): Explanation {
  const traced = traceGroup(event, config)
  const { grouping, description, ruled } = traced
  return {
    mechanism: grouping.mechanism,
    strategy: config.strategy,
    key: grouping.key,
    hash: grouping.hash.toString('hex'),
    title: description.title,
    titleRule: ruled.title?.line ?? null,
    culprit: description.culprit,
    components: [...explainUsed(event, traced), ...explainIgnored(ruled), ...explainReplaced(event, ruled)],
  }
}

function explainUsed(event: Event, { components, ruled }: TracedGrouping): ExplainedComponent[] {
  const rulings = rulingsAfter(event, ruled)
  return components.map(({ kind, source, text, reason }) => {
    const said = kind === 'fingerprint' ? sayLine(ruled.fingerprint) : sayRuling(source, rulings)
    return { kind, source: describeSource(source), text, isUsed: text !== null, reason: `${reason}${said}` }
  })
}

function sayLine(rule: { line: number } | null): string {
  return rule === null ? '' : ` (rule line ${rule.line})`
}

function sayRuling(source: Component['source'], rulings: ReadonlyMap<Frame, FrameRuling>): string {
  const ruling = typeof source === 'string' ? undefined : rulings.get(source)
  if (ruling === undefined || ruling.isIgnored) return ''
  return ` (rule line ${ruling.line}: in_app=${ruling.inApp ? 'on' : 'off'})`
}

/** Rulings by the frames as the mechanism saw them: in the order they came, without those that were taken out. */
function rulingsAfter(event: Event, { event: seen, frames }: Ruled): ReadonlyMap<Frame, FrameRuling> {
  const left = framesOf(event).filter((frame) => frames.get(frame)?.isIgnored !== true)
  const after = new Map<Frame, FrameRuling>()
  for (const [place, frame] of framesOf(seen).entries()) {
    const before = left[place]
    const ruling = before === undefined ? undefined : frames.get(before)
    if (ruling !== undefined) after.set(frame, ruling)
  }
  return after
}

function framesOf(event: Event): readonly Frame[] {
  return [...event.exceptions, event].flatMap(({ stacktrace }) => stacktrace?.frames ?? [])
}

/** What the rules took out before the mechanism saw it. */
function explainIgnored({ frames }: Ruled): ExplainedComponent[] {
  return [...frames].flatMap(([frame, { line, isIgnored }]) =>
    isIgnored ? [leftOut('frame', describeSource(frame), `rule line ${line} takes it out`)] : [],
  )
}

/** The fingerprint of the SDK that one of the rules stands for. */
function explainReplaced({ fingerprint }: Event, { fingerprint: rule }: Ruled): ExplainedComponent[] {
  if (rule === null || fingerprint.length === 0) return []
  return [leftOut('fingerprint', fingerprint.join(', '), `rule line ${rule.line} sets another one`)]
}

function leftOut(kind: Component['kind'], source: string, reason: string): ExplainedComponent {
  return { kind, source, text: null, isUsed: false, reason }
}

function describeSource(source: Component['source']): string {
  if (typeof source === 'string') return source
  const { filename, absPath, module, package: image, imageOffset, line } = source
  const place = filename ?? absPath ?? module ?? image ?? '?'
  const at = line !== null ? `:${line}` : imageOffset === null ? '' : `+${imageOffset}`
  return `${source.function ?? '?'}, ${place}${at}`
}
