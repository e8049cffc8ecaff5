import { EXCEPTIONS_MAX } from './limits.ts'
import { isRecord, type JsonObject } from './record.ts'
import { lenientText } from './text.ts'
import { bothEnds, type Indexed, indexedValuesOf } from './values-list.ts'

/** A stack as sent, and where it was found. */
export interface SentStack {
  readonly value: JsonObject
  readonly path: readonly string[]
}

export interface SentException {
  readonly index: number
  readonly exception: JsonObject
  readonly stack: SentStack | null
}

/** The names a stack has been sent under; raw is the one before symbols were put in. */
const STACKS = ['stacktrace', 'sentry.interfaces.Stacktrace', 'raw_stacktrace'] as const

/**
 * Which stack belongs to what: to an exception its own, else that of the thread it names; one outside of both to a lone
 * exception without a stack. An event without exceptions has the one outside, else that of the thread that speaks for it.
 */
export function placeStacks(payload: JsonObject): { exceptions: readonly SentException[]; stack: SentStack | null } {
  const sent = indexedValuesOf(payload.exception ?? payload['sentry.interfaces.Exception']).filter(isNamed)
  const threads = indexedValuesOf(payload.threads)
  const stackOfThread = finder(threads)
  const exceptions = bothEnds(sent, EXCEPTIONS_MAX).map(({ index, value }): SentException => {
    const own = stackOf(value, ['exception', 'values', String(index)])
    return { index, exception: value, stack: own ?? stackOfThread(value.thread_id) }
  })
  const loose = stackOf(payload, [])
  const [lone, ...others] = exceptions
  if (lone === undefined) return { exceptions, stack: loose ?? threadStack(speaker(threads)) }
  if (others.length > 0 || lone.stack !== null) return { exceptions, stack: null }
  return { exceptions: [{ ...lone, stack: loose }], stack: null }
}

/** The stack a thread was in. */
export function threadStack(thread: Indexed | undefined): SentStack | null {
  return thread === undefined ? null : stackOf(thread.value, ['threads', 'values', String(thread.index)])
}

/** False where Relay drops an exception: it has neither type nor value. */
function isNamed({ value: { type, value } }: Indexed): boolean {
  return (typeof type === 'string' && type.trim() !== '') || (value !== undefined && value !== null && value !== '')
}

function stackOf(holder: JsonObject, path: readonly string[]): SentStack | null {
  for (const name of STACKS) {
    const value = holder[name]
    if (hasFrames(value)) return { value, path: [...path, name] }
  }
  return null
}

function hasFrames(value: unknown): value is JsonObject {
  return isRecord(value) && Array.isArray(value.frames) && value.frames.some(isRecord)
}

/** Finds the stack of a thread by its id, a number or text; indexed at the first question, as few events ask. */
function finder(threads: readonly Indexed[]): (id: unknown) => SentStack | null {
  let byId: Map<string | null, Indexed> | undefined
  return (id) => {
    const text = lenientText(id)
    if (text === null) return null
    byId ??= new Map(threads.map((thread) => [lenientText(thread.value.id), thread]))
    return threadStack(byId.get(text))
  }
}

/** The one thread that speaks for the event: the only crashed one, else the only current, the only main, the only one. */
function speaker(threads: readonly Indexed[]): Indexed | undefined {
  const those = (flag: string) => threads.filter((thread) => thread.value[flag] === true)
  return [those('crashed'), those('current'), those('main'), threads].find((group) => group.length === 1)?.[0]
}
