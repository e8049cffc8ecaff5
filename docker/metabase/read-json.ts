/** An object as JSON has them. */
export type Json = { readonly [key: string]: unknown }

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as an object; throws a sentence with `what` when it is none. */
export function objectOf(value: unknown, what: string): Json {
  if (!isJson(value)) throw new Error(`${what} is not what Metabase's documentation says: no object`)
  return value
}

/** The value as a list of objects; throws a sentence with `what` when it is none. */
export function objectsOf(value: unknown, what: string): Json[] {
  if (!Array.isArray(value)) throw new Error(`${what} is not what Metabase's documentation says: no list`)
  return value.map((one) => objectOf(one, what))
}

/** Lists come bare, or under `data` where they can be paged. */
export function pageOf(value: unknown, what: string): Json[] {
  return objectsOf(isJson(value) ? value.data : value, what)
}

/** The id Metabase gave something. */
export function idOf(value: unknown, what: string): number {
  const { id } = objectOf(value, what)
  if (typeof id !== 'number') throw new Error(`${what} is not what Metabase's documentation says: no id`)
  return id
}

/** True when all that `wanted` says is in `found` too. Objects may hold more than wanted; lists and other values are equal. */
export function holds(found: unknown, wanted: unknown): boolean {
  if (isJson(wanted)) {
    return isJson(found) && Object.entries(wanted).every(([key, value]) => holds(found[key], value))
  }
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((value, index) => holds(found[index], value))
    )
  }
  return found === wanted
}
