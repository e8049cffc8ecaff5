import { isRecord, type JsonObject } from './record.ts'

/** An element with its place in the list as sent, by which `_meta` speaks of it. */
export interface Indexed {
  readonly index: number
  readonly value: JsonObject
}

/**
 * The objects of a `Values` attribute (`exception`, `threads`): an array, `{values: […]}`, or one object by itself.
 * What is no object is dropped; Relay keeps it as a hole, which nothing here can use.
 */
export function valuesOf(value: unknown): JsonObject[] {
  return listOf(value).filter(isRecord)
}

/** `valuesOf`, each element with its index. */
export function indexedValuesOf(value: unknown): Indexed[] {
  const found: Indexed[] = []
  for (const [index, element] of listOf(value).entries()) if (isRecord(element)) found.push({ index, value: element })
  return found
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (!isRecord(value)) return []
  if (Object.hasOwn(value, 'values')) return Array.isArray(value.values) ? value.values : []
  return [value]
}

/** At most `max` elements: the first half and the last, which is where a stack or a chain begins and ends. */
export function bothEnds<T>(list: readonly T[], max: number): readonly T[] {
  if (list.length <= max) return list
  const head = Math.floor(max / 2)
  return [...list.slice(0, head), ...list.slice(head - max)]
}
