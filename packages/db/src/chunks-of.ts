/** A list in pieces of at most `sizeMax`, for statements whose time must not grow with a batch gone wild. */
export function chunksOf<Item>(list: readonly Item[], sizeMax: number): readonly (readonly Item[])[] {
  if (list.length <= sizeMax) return list.length === 0 ? [] : [list]
  const pieces = Math.ceil(list.length / sizeMax)
  return Array.from({ length: pieces }, (_, at) => list.slice(at * sizeMax, (at + 1) * sizeMax))
}
