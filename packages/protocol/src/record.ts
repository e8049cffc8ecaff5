/** A JSON object. Only named keys are read from it, or keys that `Object.hasOwn` confirms. */
export type JsonObject = Readonly<Record<string, unknown>>

const EMPTY: JsonObject = Object.freeze({})

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object itself, or an empty one in place of anything else. */
export function recordOf(value: unknown): JsonObject {
  return isRecord(value) ? value : EMPTY
}
