import type { Exception, Mechanism } from './event.ts'
import { EXCEPTIONS_MAX, INTEGER_MAX, TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import { normaliseStacktrace } from './normalise-stacktrace.ts'
import { readInteger } from './number.ts'
import { isRecord, type JsonObject } from './record.ts'
import { jsonText, readName, readText } from './text.ts'
import { bothEnds, valuesOf } from './values-list.ts'

/** The exceptions of an event, root cause first. One with neither type nor value is dropped, as in Relay. */
export function normaliseExceptions(value: unknown): readonly Exception[] {
  return bothEnds(valuesOf(value), EXCEPTIONS_MAX).map(normaliseException).filter(isNamed)
}

function isNamed({ type, value }: Exception): boolean {
  return type !== null || value !== null
}

function normaliseException(exception: JsonObject): Exception {
  return {
    ...typeAndValue(exception),
    module: readText(exception.module, TEXT_LIMITS.exceptionModule),
    mechanism: normaliseMechanism(exception.mechanism),
    stacktrace: normaliseStacktrace(exception.stacktrace ?? exception['sentry.interfaces.Stacktrace']),
  }
}

/** Old SDKs put `Type: value` into the value. */
function typeAndValue(exception: JsonObject): { type: string | null; value: string | null } {
  const type = readName(exception.type, TEXT_LIMITS.exceptionType)
  const value = readMasked(jsonText(exception.value), TEXT_LIMITS.exceptionValue)
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
  }
}
