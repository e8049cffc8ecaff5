/** Remembers the newest `entriesMax` entries; what is forgotten is looked up again. */
export interface BoundedCache<Value> {
  get(key: string): Value | undefined
  set(key: string, value: Value): void
}

export function createBoundedCache<Value>(entriesMax: number): BoundedCache<Value> {
  const entries = new Map<string, Value>()
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      entries.set(key, value)
      if (entries.size <= entriesMax) return
      // A Map iterates in order of insertion: the first key is the oldest.
      for (const oldest of entries.keys()) {
        entries.delete(oldest)
        return
      }
    },
  }
}
