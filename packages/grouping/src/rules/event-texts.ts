import type { Event, Frame } from '@rumen/protocol/event'
import { fold } from './fold.ts'
import type { Matcher } from './matcher.ts'

/** A text for each exception, for each frame, or one for the event; `null` where there is none. */
export type Column = readonly (string | null)[]

/** The texts of one event as patterns see them, each made when a rule first asks for it and then kept. */
export class EventTexts {
  /** Of all exceptions, oldest first, then of the event's thread. */
  readonly frames: readonly Frame[]
  readonly #event: Event
  readonly #columns = new Map<string, readonly Column[]>()

  constructor(event: Event) {
    this.#event = event
    this.frames = [...event.exceptions, event].flatMap(({ stacktrace }) => stacktrace?.frames ?? [])
  }

  /** Where a matcher looks: one column, or two of which either may match. */
  columns({ name, source }: Matcher): readonly Column[] {
    const known = this.#columns.get(name)
    if (known !== undefined) return known
    const made = this.#make(source)
    this.#columns.set(name, made)
    return made
  }

  #make(source: Matcher['source']): readonly Column[] {
    const event = this.#event
    const { exceptions, tags } = event
    const frames = this.frames
    switch (source.field) {
      case 'type':
        return [exceptions.map(({ type }) => type)]
      case 'value':
        return [exceptions.map(({ value }) => foldText(value))]
      case 'module':
        return [frames.map((frame) => frame.module)]
      case 'function':
        return [frames.map((frame) => frame.function)]
      case 'file':
        return [frames.map(({ absPath, filename }) => foldText(readFileName(absPath || filename)))]
      case 'path':
        return [
          frames.map(({ absPath }) => readPath(absPath)),
          frames.map(({ absPath, filename }) => (filename === absPath ? null : readPath(filename))),
        ]
      case 'message':
        return [[foldText(readMessage(event))]]
      case 'level':
      case 'platform':
      case 'release':
      case 'environment':
        return [[foldText(event[source.field])]]
      case 'logger':
      case 'transaction':
        return [[event[source.field]]]
      case 'tags':
        return [[tags.find(({ key }) => key === source.key)?.value ?? null]]
    }
  }
}

function foldText(text: string | null): string | null {
  return text === null ? null : fold(text)
}

function readPath(path: string | null): string | null {
  return path === null ? null : fold(turnSlashes(path))
}

function turnSlashes(path: string): string {
  return path.includes('\\') ? path.replaceAll('\\', '/') : path
}

/** The last part of a path; of an address without its query, in which slashes are free. */
function readFileName(path: string | null): string | null {
  if (path === null) return null
  const end = path.includes('://') ? path.search(/[?#]/) : -1
  const whole = turnSlashes(end === -1 ? path : path.slice(0, end))
  return whole.slice(whole.lastIndexOf('/') + 1)
}

function readMessage({ message, exceptions }: Event): string | null {
  return message?.formatted || message?.template || (exceptions.at(-1)?.value ?? null)
}
