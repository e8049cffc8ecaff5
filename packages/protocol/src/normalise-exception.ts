import type { Exception, Mechanism } from './event.ts'
import type { ImageFinder } from './image-offsets.ts'
import { INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { maskText, readMasked } from './mask.ts'
import { maskedJson } from './masked-json.ts'
import { normaliseStacktrace } from './normalise-stacktrace.ts'
import { readInteger } from './number.ts'
import type { SentException } from './place-stacks.ts'
import { isRecord, type JsonObject, recordOf } from './record.ts'
import { readName, readText } from './text.ts'

/** The exceptions of an event, root cause first. One with neither type nor value is dropped, as in Relay. */
export function normaliseExceptions(sent: readonly SentException[], findImage: ImageFinder): readonly Exception[] {
  return sent.map((one) => normaliseException(one, findImage)).filter(isNamed)
}

/** Asked again, as a value nested too deeply to be spelled is none. */
export function isNamed({ type, value }: Pick<Exception, 'type' | 'value'>): boolean {
  return type !== null || value !== null
}

export function normaliseException({ exception, stack }: SentException, findImage: ImageFinder): Exception {
  return {
    ...typeAndValue(exception),
    module: readText(exception.module, TEXT_LIMITS.exceptionModule),
    mechanism: normaliseMechanism(exception.mechanism),
    stacktrace: normaliseStacktrace(stack?.value, findImage),
  }
}

/** Old SDKs put `Type: value` into the value. */
function typeAndValue(exception: JsonObject): { type: string | null; value: string | null } {
  const type = readName(exception.type, TEXT_LIMITS.exceptionType)
  const value = readMasked(maskedJson(exception.value), TEXT_LIMITS.exceptionValue, maskText)
  const split = type === null && value !== null ? /^(\w{1,256}):(?:\s+|$)/.exec(value) : null
  if (split === null || value === null) return { type, value }
  return { type: split[1] ?? null, value: value.slice(split[0].length) || null }
}

/** `{}` is no mechanism; one without a type (old flat ones name their signal instead) is `generic`. */
function normaliseMechanism(value: unknown): Mechanism | null {
  if (!isRecord(value) || Object.keys(value).length === 0) return null
  return {
    type: readName(value.type, TEXT_LIMITS.mechanismType) ?? 'generic',
    handled: typeof value.handled === 'boolean' ? value.handled : null,
    synthetic: value.synthetic === true,
    exceptionId: readInteger(value.exception_id, 0, INTEGER_MAX),
    parentId: readInteger(value.parent_id, 0, INTEGER_MAX),
    isExceptionGroup: value.is_exception_group === true,
    code: readCode(value.meta),
  }
}

/** Cocoa's domain and code, else POSIX's name or number of an error. */
function readCode(meta: unknown): string | null {
  const { ns_error, errno } = recordOf(meta)
  const [nsError, posix] = [recordOf(ns_error), recordOf(errno)]
  const domain = readName(nsError.domain, TEXT_LIMITS.mechanismType)
  const code = readInteger(nsError.code, Number.MIN_SAFE_INTEGER, INTEGER_MAX)
  if (domain !== null && code !== null) return `${domain} ${code}`
  const number = readInteger(posix.number, 0, INTEGER_MAX)
  return readName(posix.name, TEXT_LIMITS.mechanismType) ?? (number === null ? null : `errno ${number}`)
}
