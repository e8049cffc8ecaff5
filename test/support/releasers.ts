/** What a test has taken and has to give back. */
export interface Releasers {
  /** Whoever acquires something adds its undo in the same breath. */
  add(release: () => Promise<unknown> | unknown): void
  /** Undoes everything, the last first; rejects with what failed only after all was tried. */
  releaseAll(): Promise<void>
}

export function createReleasers(): Releasers {
  const releases: (() => Promise<unknown> | unknown)[] = []
  return {
    add: (release) => releases.push(release),
    async releaseAll() {
      const failures: unknown[] = []
      for (const release of releases.splice(0).reverse()) {
        try {
          await release()
        } catch (error) {
          failures.push(error)
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, 'not everything could be given back')
    },
  }
}
