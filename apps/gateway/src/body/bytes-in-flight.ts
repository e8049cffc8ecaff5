/** Memory that bodies take from their first byte to the answer, all requests together. */
export interface BytesInFlight {
  readonly bytes: number
  /** Counts so many bytes more; false, and nothing counted, when that were too many. */
  take(bytes: number): boolean
  give(bytes: number): void
}

/** What a client announces counts for nothing: seven that announce the largest body and send none would fill the bound. */
export function createBytesInFlight(bytesMax: number): BytesInFlight {
  let taken = 0
  return {
    get bytes() {
      return taken
    },
    take(bytes) {
      // One body alone always fits, however small the bound.
      if (taken > 0 && taken + bytes > bytesMax) return false
      taken += bytes
      return true
    },
    give(bytes) {
      taken -= bytes
    },
  }
}
