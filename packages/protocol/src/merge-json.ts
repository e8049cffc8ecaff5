import { isRecord, type JsonObject } from './record.ts'

/** `over` laid over `under`: objects member by member, anything else replaced. As deep as the shallower one. */
export function mergeJson(under: JsonObject, over: JsonObject): JsonObject {
  const merged = new Map(Object.entries(under))
  for (const [name, value] of Object.entries(over)) {
    const below = merged.get(name)
    merged.set(name, isRecord(below) && isRecord(value) ? mergeJson(below, value) : value)
  }
  return Object.fromEntries(merged)
}
