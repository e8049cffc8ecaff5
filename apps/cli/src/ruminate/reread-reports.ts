import { readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { oldestDay } from '@rumen/db/partition/oldest-day'
import { readReports, type StoredReport } from '@rumen/db/regroup/read-reports'
import type { DigestLimits } from '@rumen/digest/digest-archive'
import type { Kept } from '@rumen/digest/item-digest'
import type { GroupingConfig } from '@rumen/grouping/config'
import type { EventId, ProjectId } from '@rumen/protocol/brand'
import { digestInTime } from './digest-in-time.ts'

/** Whose stored events are read again, and by which rules. */
export interface Rereading {
  projectId: ProjectId
  config: GroupingConfig
  limits: DigestLimits
  /** Only what these groupings have; null: all. */
  groupingIds: ReadonlySet<number> | null
}

/** A report and what its archive says today; null: it is gone, or says nothing of this event any more. */
export interface RereadReport {
  report: StoredReport
  item: Kept<'event'> | null
}

/** Reports in memory at once, with as much of their events as is counted. */
const PAGE = 500

/** The days that may have reports, oldest first, between two. A gateway whose clock is ahead is in another day already. */
export async function daysToReread(
  db: Db,
  { since, until }: { since: Day | null; until: Day | null },
): Promise<readonly Day[]> {
  const oldest = await oldestDay(db, ['report'])
  if (oldest === null) return []
  const first = since !== null && since > oldest ? since : oldest
  const last = addDays(dayOf(new Date()), 1)
  const days: Day[] = []
  for (let day = first; day <= last && day <= (until ?? day); day = addDays(day, 1)) days.push(day)
  return days
}

/** The reports of one day, page by page; of them only those that `isWanted` are read again. */
export async function* rereadDay(
  db: Db,
  rereading: Rereading & { day: Day },
  isWanted: (report: StoredReport) => boolean = () => true,
): AsyncGenerator<readonly RereadReport[], void> {
  const { projectId, day, groupingIds } = rereading
  let after: StoredReport['place'] | null = null
  for (;;) {
    const page: readonly StoredReport[] = await readReports(db, { projectId, day, after, countMax: PAGE })
    const reports = page.filter((one) => isWanted(one) && (groupingIds?.has(one.groupingId) ?? true))
    if (reports.length > 0) yield await reread(db, rereading, reports)
    after = page.at(-1)?.place ?? null
    if (page.length < PAGE) return
  }
}

async function reread(
  db: Db,
  { projectId, day, config, limits }: Rereading & { day: Day },
  reports: readonly StoredReport[],
): Promise<readonly RereadReport[]> {
  const byHash = Map.groupBy(reports, ({ hash }) => hash)
  const addresses = [...byHash.keys()].map((hash) => ({ projectId, day, hash }))
  const items = new Map<EventId, Kept<'event'>>()
  for await (const archives of readArchives(db, addresses)) {
    const digests = digestInTime(archives, () => ({ current: config, former: null }), { limits })
    for (const [at, archive] of archives.entries()) {
      const wanted = new Set(byHash.get(archive.hash)?.map(({ eventId }) => eventId))
      for (const item of digests[at] ?? []) {
        if (item.kind === 'event' && wanted.has(item.key)) items.set(item.key, item)
      }
    }
  }
  return reports.map((report) => ({ report, item: items.get(report.eventId) ?? null }))
}
