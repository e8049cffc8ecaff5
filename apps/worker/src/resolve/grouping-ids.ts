import type { Db } from '@rumen/db/connect'
import { createIssues, type NewIssue } from '@rumen/db/issue/create-issues'
import { findGroupings, groupingAddress } from '@rumen/db/issue/find-groupings'
import { PassingError } from '@rumen/db/sql-state'
import { createBoundedCache } from './bounded-cache.ts'

export interface GroupingIds {
  /** The grouping of each event, in their order; what nobody has seen becomes an issue, committed before the batch. */
  resolve(seen: readonly NewIssue[]): Promise<readonly number[]>
  /** Of issues deleted since; the next look finds out, and makes new ones. */
  forget(): void
}

/** Groupings that were remembered are gone: their issues were deleted. Nothing was written; forget, and resolve again. */
export class GroupingGoneError extends PassingError {
  override readonly name = 'GroupingGoneError'

  constructor(gone: readonly string[]) {
    super(`${gone.length} groupings were deleted since they were looked up`)
  }
}

const CACHED_GROUPINGS_MAX = 50_000

/** A worker's memory of groupings. Only their ids are kept: which issue one points at is read when it is counted. */
export function createGroupingIds(db: Db): GroupingIds {
  let remembered = createBoundedCache<number>(CACHED_GROUPINGS_MAX)
  return {
    forget() {
      remembered = createBoundedCache(CACHED_GROUPINGS_MAX)
    },
    async resolve(seen) {
      const ids = new Map<string, number>()
      const unknown = new Map<string, NewIssue>()
      for (const one of seen) {
        const address = groupingAddress(one)
        const id = remembered.get(address)
        if (id === undefined) unknown.set(address, unknown.get(address) ?? one)
        else ids.set(address, id)
      }
      const learn = (found: ReadonlyMap<string, number>) => {
        for (const [address, id] of found) {
          ids.set(address, id)
          remembered.set(address, id)
          unknown.delete(address)
        }
      }
      if (unknown.size > 0) learn(await findGroupings(db, [...unknown.values()]))
      if (unknown.size > 0) learn(await createIssues(db, [...unknown.values()]))
      return seen.map((one) => {
        const id = ids.get(groupingAddress(one))
        if (id === undefined) throw new Error(`project ${one.project_id} is gone`)
        return id
      })
    },
  }
}
