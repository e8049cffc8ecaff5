import type { Event, Frame } from '@rumen/protocol/event'
import { crashFunction } from './crash-function.ts'
import { firstLine } from './parameters.ts'

const TITLE_CHARS_MAX = 100
const CULPRIT_CHARS_MAX = 200

/**
 * GlitchTip's only rule: title, culprit and kind of event in a row; nothing is replaced. Source: GlitchTip's backend,
 * `event_ingest/utils.py` (generate_hash) and `process_event.py`, `sentry/culprit.py`, `sentry/eventtypes/error.py`,
 * as the fork creator-signal/fork-glitchtip-glitchtip-backend has them at caa9bc7, 01cd58a, a613378 and 740c12c.
 */
export function groupLikeGlitchtip(event: Event): string {
  const byDefault = `${titleOf(event)}${culpritOf(event)}${event.kind}`
  if (event.fingerprint.length === 0) return byDefault
  return event.fingerprint.map((part) => (part === '{{ default }}' ? byDefault : part)).join('')
}

function titleOf(event: Event): string {
  const exception = event.exceptions.at(-1)
  if (exception === undefined) return cut(event.message?.formatted || '<untitled>', TITLE_CHARS_MAX)
  if (exception.mechanism?.synthetic) return cut(crashFunction(event) ?? '<unknown>', TITLE_CHARS_MAX)
  const type = exception.type ?? 'Error'
  const value = exception.value ?? ''
  return cut(value === '' ? type : `${type}: ${cut(firstLine(value), TITLE_CHARS_MAX)}`, TITLE_CHARS_MAX)
}

function culpritOf(event: Event): string {
  if (event.transaction !== null) return cut(event.transaction, CULPRIT_CHARS_MAX)
  if (event.exceptions.at(-1)?.mechanism?.synthetic) return ''
  const thrower = event.exceptions.findLast(({ stacktrace }) => stacktrace !== null)
  const stack = event.exceptions.length > 0 ? thrower?.stacktrace : event.stacktrace
  const newestFirst = stack?.frames.toReversed() ?? []
  const place = (frame: Frame | undefined) => (frame === undefined ? '' : placeOf(frame, event.platform))
  const own = newestFirst.filter(({ inApp }) => inApp === true).map(place)
  const library = place(newestFirst.find(({ inApp }) => inApp !== true))
  return cut(own.find((text) => text !== '') ?? (library || (event.request.url ?? '')), CULPRIT_CHARS_MAX)
}

function placeOf({ function: name, module, filename }: Frame, platform: string): string {
  if (platform === 'objc' || platform === 'cocoa' || platform === 'native') return name ?? '?'
  const file = module ?? filename
  if (file === null) return ''
  return platform === 'javascript' || platform === 'node' ? `${name ?? '?'}(${file})` : `${file} in ${name ?? '?'}`
}

function cut(text: string, charsMax: number): string {
  return text.length > charsMax ? `${text.slice(0, charsMax)}…` : text
}
