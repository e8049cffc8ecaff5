import type { Event, Exception, Stacktrace } from '@rumen/protocol/event'
import { type Family, familyOf } from './family.ts'
import { type Place, readFrame } from './frame.ts'
import { isInApp } from './in-app.ts'
import { firstLines } from './lines.ts'
import { type LogMessage, readLogMessage } from './log-message.ts'
import { parameterise } from './message.ts'
import type { V1Part } from './part.ts'

/** Lines of an untemplated log message that count: the first often only announces the second. */
const LOG_LINES_MAX = 2

/** Strategy `stack`: where it broke; what was said where the place is unknown or nothing broke. */
export function groupByStack(event: Event): V1Part[] {
  const log = readLogMessage(event)
  if (log !== null) return [describeLog(log)]
  const family = familyOf(event.platform)
  const places = findPlaces(event, family)
  const frames = places.map((place): V1Part => ({ kind: 'frame', text: place.text }))
  if (places.some((place) => place.isNamed)) return [...describeChain(event.exceptions), ...frames]
  // A file without a function is half a place: two bugs in one script's top level need their texts.
  const said = [...describeText(event.exceptions), ...frames]
  return said.length > 0 ? said : describeNothing(event)
}

/** The application's places, crash first, of the newest exception that has some, named ones before all. */
function findPlaces(event: Event, family: Family): Place[] {
  let nameless: Place[] = []
  for (const { stacktrace } of [...event.exceptions.toReversed(), event]) {
    const places = readStack(stacktrace, family)
    if (places.some((place) => place.isNamed)) return places
    if (nameless.length === 0) nameless = places
  }
  return nameless
}

/** Each place once, where it stands newest: how often `a → b → a → b` went round is no property of the bug. */
function readStack(stacktrace: Stacktrace | null, family: Family): Place[] {
  const places = new Map<string, Place>()
  for (const frame of (stacktrace?.frames ?? []).toReversed()) {
    const place = isInApp(frame, family) ? readFrame(frame, family) : null
    if (place !== null) places.set(place.text, place)
  }
  return [...places.values()]
}

/** Each type once, the outermost first; those below a group sorted, as their order is that of a race. */
function readTypes(exceptions: readonly Exception[]): string[] {
  const types = exceptions.toReversed().flatMap(({ type }) => (type?.trim() ? [readType(type)] : []))
  const isRace = exceptions.some((exception) => exception.mechanism?.isExceptionGroup === true)
  const [outermost, ...inner] = isRace ? [...types.slice(0, 1), ...types.slice(1).sort()] : types
  return outermost === undefined ? [] : [...new Set([outermost, ...inner])]
}

/** Anonymous classes carry an address (`#<Class:0x00007f>`), a counter (`Cart$1`) or a path. */
function readType(type: string): string {
  if (type.includes('0x')) return parameterise(type)
  if (type.startsWith('class@anonymous')) return 'class@anonymous'
  return type.includes('$') ? type.replace(/\$\d+/g, '') : type
}

/** A synthetic exception's type is the SDK's invention: the stack below it is all there is. */
function describeChain(exceptions: readonly Exception[]): V1Part[] {
  const thrown = exceptions.filter((exception) => exception.mechanism?.synthetic !== true)
  return readTypes(thrown).map((text) => ({ kind: 'type', text }))
}

/** `type: first line` of the newest exception that says something, then the other types of the chain. */
function describeText(exceptions: readonly Exception[]): V1Part[] {
  const types = readTypes(exceptions)
  const speaking = exceptions.findLast(({ value }) => value !== null && value.trim() !== '')
  if (speaking === undefined) return types.map((text) => ({ kind: 'type', text }))
  const type = speaking.type?.trim() ? readType(speaking.type) : '<unknown>'
  const line = parameterise(firstLines(speaking.value ?? '', 1).join(' '))
  const others = types.filter((other) => other !== type)
  return [{ kind: 'message', text: `${type}: ${line}` }, ...others.map((text): V1Part => ({ kind: 'type', text }))]
}

function describeLog({ template, text }: LogMessage): V1Part {
  if (template !== null) return { kind: 'template', text: `Log Message: ${template.replace(/\s+/g, ' ')}` }
  return { kind: 'message', text: `Log Message: ${parameterise(firstLines(text, LOG_LINES_MAX).join(' '))}` }
}

/** Events that say nothing at all: at least not those of different transactions together. */
function describeNothing(event: Event): V1Part[] {
  const unknown: V1Part = { kind: 'unknown', text: '<unknown>' }
  return event.transaction === null ? [unknown] : [unknown, { kind: 'transaction', text: event.transaction }]
}
