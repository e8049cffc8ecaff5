import type { Db } from '@rumen/db/connect'
import { createDimensionIds, type DimensionIds } from '@rumen/rows/dimension-ids'

/**
 * The ids values have, or would get, for whoever must not change anything: they are made in a transaction that is rolled back.
 * One that is made has no other value's id, and is remembered by nobody.
 */
export function createUnwrittenIds(db: Db, now: () => Date): DimensionIds {
  return {
    async resolve(events, others) {
      const made: Awaited<ReturnType<DimensionIds['resolve']>>[] = []
      await db
        .transaction(async (tx) => {
          made.push(await createDimensionIds(tx, now).resolve(events, others))
          tx.rollback()
        })
        .catch((error: unknown) => {
          if (made.length === 0) throw error
        })
      const [ids] = made
      if (ids === undefined) throw new Error('values were left without their ids')
      return ids
    },
  }
}
