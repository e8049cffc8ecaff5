import type { Event, Exception, Frame } from '@rumen/protocol/event'
import { findCrashFrame } from './v1/crash-frame.ts'
import { familyOf } from './v1/family.ts'
import { fillTemplate } from './v1/fingerprint.ts'
import { firstLines } from './v1/lines.ts'
import { readLogMessage } from './v1/log-message.ts'

/** Lengths in code points, `…` included. */
const TITLE_CHARS_MAX = 200
const CULPRIT_CHARS_MAX = 200
const TYPE_CHARS_MAX = 128
const VALUE_CHARS_MAX = 1024
/** Of a value or a message, as much as a title shows. */
const LINE_CHARS_MAX = 100

export interface Description {
  /** One line, never empty. */
  title: string
  /** Where it happened, for people; empty where nothing tells. */
  culprit: string
  /** `null` for log messages, and for synthetic exceptions, whose type the SDK made up. */
  type: string | null
  value: string | null
}

/**
 * How an event is called in a list (protocol page, title and culprit). Not part of a key: free to change. `template` is the
 * title a project's rule gives it, with variables.
 */
export function describe(event: Event, template: string | null = null): Description {
  const description = describeByEvent(event)
  const given = template === null ? '' : titleOf(oneLine(fillTemplate(template, event)))
  return given === '' ? description : { ...description, title: given }
}

function describeByEvent(event: Event): Description {
  const culprit = cut(oneLine(event.transaction ?? findCulprit(event)), CULPRIT_CHARS_MAX)
  const log = readLogMessage(event)
  if (log !== null) return { title: titleOf(firstLine(log.text)), culprit, type: null, value: null }
  const exception = event.exceptions.at(-1)
  if (exception === undefined) {
    return { title: titleOf(findName(event) || '<unlabeled event>'), culprit, type: null, value: null }
  }
  const type = isSynthetic(exception) ? null : cut(oneLine(exception.type ?? '') || 'Error', TYPE_CHARS_MAX)
  const value = exception.value === null ? null : cut(exception.value, VALUE_CHARS_MAX)
  return { title: entitle(event, type, firstLine(exception.value ?? '')), culprit, type, value }
}

function entitle(event: Event, type: string | null, line: string): string {
  if (type !== null) return titleOf(line === '' ? type : `${type}: ${line}`)
  // In JavaScript a synthetic value is what the application threw; elsewhere it names a signal.
  const isThrown = familyOf(event.platform) === 'javascript'
  return titleOf((isThrown ? line || findName(event) : findName(event) || line) || '<unknown>')
}

function titleOf(text: string): string {
  return cut(text, TITLE_CHARS_MAX)
}

function isSynthetic(exception: Exception | undefined): boolean {
  return exception?.mechanism?.synthetic === true
}

const NAMELESS = new Set(['', '?', '<anonymous>', '<unknown>', '<redacted>', '<lambda>'])

function findName(event: Event): string {
  const frame = findCrashFrame(event, ({ function: name }) => name !== null && !NAMELESS.has(name.trim()))
  return oneLine(frame?.function ?? '')
}

/** Platforms whose frames have no file worth showing. */
const NATIVE = new Set(['native', 'cocoa', 'objc', 'c'])

function findCulprit(event: Event): string {
  if (isSynthetic(event.exceptions.at(-1))) return ''
  const isNative = NATIVE.has(event.platform)
  const frame = findCrashFrame(event, (candidate) => isNative || placeOf(candidate) !== '')
  if (frame === null) return event.request.url ?? ''
  const name = frame.function ?? '?'
  if (isNative) return name
  return familyOf(event.platform) === 'javascript' ? `${name}(${placeOf(frame)})` : `${placeOf(frame)} in ${name}`
}

/** Module or file; a query string is left out, since it may carry secrets. */
function placeOf(frame: Frame): string {
  return frame.module ?? frame.filename?.replace(/[?#].*$/s, '') ?? ''
}

function firstLine(text: string): string {
  return cut(oneLine(firstLines(text, 1).join('')), LINE_CHARS_MAX)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Cut between code points, so that no half of a surrogate pair is left. */
function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  // A code point is at most two units: the rest of a long text need not be looked at.
  const chars = Array.from(text.slice(0, 2 * (charsMax + 1)))
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 1).join('')}…`
}
