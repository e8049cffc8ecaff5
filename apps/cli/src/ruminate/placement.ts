import type { Db } from '@rumen/db/connect'
import type { Placement } from '@rumen/db/regroup/pointer-changes'
import { type ProjectStanding, readStanding, type StandingQuestion } from '@rumen/db/regroup/read-standing'
import { planRegroup } from '@rumen/grouping/plan-regroup'
import type { RegroupCounts } from './count-regrouped.ts'

/** Events that are counted of the issues that take part, and that nobody has looked at: too old, or without an archive. */
export function unreadOf({ regrouped }: RegroupCounts, { groupings }: ProjectStanding): number {
  const read = new Map<number, number>()
  for (const { groupingId, events } of regrouped) read.set(groupingId, (read.get(groupingId) ?? 0) + events)
  return groupings.reduce((sum, { id, events }) => sum + Math.max(0, events - (read.get(id) ?? 0)), 0)
}

type Address = Pick<StandingQuestion, 'projectId' | 'version'>

/** What has to be known of a project to place what was counted. */
export function questionOf({ projectId, version }: Address, { regrouped, described }: RegroupCounts): StandingQuestion {
  const groupingIds = [...new Set(regrouped.map(({ groupingId }) => groupingId))]
  return { projectId, version, groupingIds, keyHashes: [...described.keys()] }
}

/** Where the keys of what was counted belong, as issues stand just now. */
export async function placementOf(
  db: Db,
  address: Address,
  counts: RegroupCounts,
): Promise<{ standing: ProjectStanding; placement: Placement }> {
  const standing = await readStanding(db, questionOf(address, counts))
  return { standing, placement: planRegroup(counts.regrouped, standing) }
}
