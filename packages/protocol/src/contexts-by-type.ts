import { isRecord, type JsonObject, recordOf } from './record.ts'

/** A context's type is its key unless it names one, `{"runtime_2": {"type": "runtime"}}`; the plain key comes first. */
export function contextsByType(value: unknown): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>()
  for (const [key, context] of Object.entries(recordOf(value))) {
    if (!isRecord(context)) continue
    const type = typeof context.type === 'string' ? context.type : key
    if (type === key || !found.has(type)) found.set(type, context)
  }
  return found
}
