/** A frame as it stands in a key. */
export interface Place {
  /** `function in module-or-file`, or of native code the function alone. */
  text: string
  /** `null` where the frame tells the file alone. */
  name: string | null
  /** Written for its callers, as its kind of code tells. */
  isShared?: boolean
}

/** `null` for a frame that names no code at all. */
export function placeOf(name: string | null, where: string | null): Place | null {
  if (name === null && where === null) return null
  return { name, text: `${name ?? '?'} in ${where ?? '?'}` }
}
