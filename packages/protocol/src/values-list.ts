import { isRecord, type JsonObject } from './record.ts'

/**
 * The objects of a `Values` attribute (`exception`, `threads`): an array, `{values: […]}`, or one object by itself.
 * What is no object is dropped; Relay keeps it as a hole, which nothing here can use.
 */
export function valuesOf(value: unknown): JsonObject[] {
  if (Array.isArray(value)) return value.filter(isRecord)
  if (!isRecord(value)) return []
  if (Object.hasOwn(value, 'values')) return Array.isArray(value.values) ? value.values.filter(isRecord) : []
  return [value]
}

/** At most `max` elements: the first half and the last, which is where a stack or a chain begins and ends. */
export function bothEnds<T>(list: readonly T[], max: number): readonly T[] {
  if (list.length <= max) return list
  const head = Math.floor(max / 2)
  return [...list.slice(0, head), ...list.slice(head - max)]
}
