import type { Day } from '@rumen/db/partition/day'
import type { SessionBatch } from '@rumen/db/session/write-sessions'
import type { Kept } from '@rumen/digest/item-digest'
import type { NameIds, ReadyItem, Source } from './ready-batch.ts'

/** What a batch says of sessions, single ones and sums, for the days there is a partition for. */
export function sessionsOf(
  updates: readonly ReadyItem<Kept<'session'>>[],
  sums: readonly ReadyItem<Kept<'sessions'>>[],
  days: readonly Day[],
): SessionBatch {
  return {
    updates: updates.map(({ archive, item, names }) => ({ ...named(archive, names), update: item.update })),
    sums: sums.map(({ archive, item, names }) => ({ ...named(archive, names), sums: item.sums })),
    days,
  }
}

function named({ projectId }: Source, { release, environment }: NameIds) {
  return { projectId, releaseId: release ?? 0, environmentId: environment ?? 0 }
}
