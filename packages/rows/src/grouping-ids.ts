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
        if (id !== undefined) ids.set(address, id)
        // Events of one key may have had several by the former rules, and any of them may lead to its issue.
        const wanted = `${address} ${one.former_key_hash}`
        if (id === undefined && !unknown.has(wanted)) unknown.set(wanted, one)
      }
      const learn = (found: ReadonlyMap<string, number>) => {
        for (const [address, id] of found) {
          ids.set(address, id)
          remembered.set(address, id)
        }
      }
      const missing = () => [...unknown.values()].filter((one) => !ids.has(groupingAddress(one)))
      if (unknown.size > 0) learn(await findGroupings(db, missing()))
      const novel = missing()
      if (novel.length > 0) learn(await createIssues(db, novel))
      return seen.map((one) => {
        const id = ids.get(groupingAddress(one))
        if (id === undefined) throw new Error(`project ${one.project_id} is gone`)
        return id
      })
    },
  }
}
