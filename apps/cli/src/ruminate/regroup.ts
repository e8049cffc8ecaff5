import type { Db } from '@rumen/db/connect'
import type { Day } from '@rumen/db/partition/day'
import { RulesChangedError } from '@rumen/db/regroup/hold-rules'
import { type MovingReport, moveReports } from '@rumen/db/regroup/move-reports'
import { type IssuesRegrouped, regroupIssues } from '@rumen/db/regroup/regroup-issues'
import { planRegroup } from '@rumen/grouping/plan-regroup'
import { LEVELS } from '@rumen/protocol/event'
import { CommandError } from '../command-error.ts'
import { countRegrouped, type Progress, type RegroupCounts } from './count-regrouped.ts'
import type { FormerRules } from './former-titles.ts'
import { questionOf } from './placement.ts'
import { daysToReread, type Rereading, type RereadReport, rereadDay } from './reread-reports.ts'

export interface Regrouping extends Rereading {
  /** Of the config, which is the one the project is grouped by. */
  version: number
  /** Rules that may have given its issues titles. */
  former: FormerRules
  /** Null: all there are. */
  since: Day | null
  until: Day | null
}

export interface Regrouped {
  counts: RegroupCounts
  regrouped: IssuesRegrouped
  /** Events that have another grouping now. */
  moved: number
}

/** `reading`: nothing has changed so far. `moving`: issues are what they will be, their events are on the way. */
export type RegroupProgress = Progress & { phase: 'reading' | 'moving'; moved: number }

/**
 * Groups the stored events of a project by the rules it has now: issues split and merge, and events move with all that is
 * counted of them, while new ones come in. Whoever is killed in the middle of it has done a part of it wholly, and the next run
 * does the rest. So has whoever finds the project under other rules, and is told to run it again. What stays where it is: events
 * whose archives are gone, and whatever was counted before the oldest report.
 */
export async function regroup(
  db: Db,
  regrouping: Regrouping,
  onProgress: (progress: RegroupProgress) => void = () => undefined,
): Promise<Regrouped> {
  return await run(db, regrouping, onProgress).catch((error: unknown) => {
    if (error instanceof RulesChangedError) throw new CommandError(`${error.message}: run it again`)
    throw error
  })
}

async function run(
  db: Db,
  regrouping: Regrouping,
  onProgress: (progress: RegroupProgress) => void,
): Promise<Regrouped> {
  const days = await daysToReread(db, regrouping)
  const counts = await countRegrouped(db, { ...regrouping, days }, (progress) =>
    onProgress({ ...progress, phase: 'reading', moved: 0 }),
  )
  const question = { ...questionOf(regrouping, counts), version: regrouping.version }
  const described = { ...question, described: counts.described, now: new Date() }
  const issues = await regroupIssues(db, described, (standing) => planRegroup(counts.regrouped, standing))
  const moved = await moveAll(db, { regrouping, days, ways: waysOf(counts, issues) }, onProgress)
  return { counts, regrouped: issues, moved }
}

/** Where events go: from a grouping, by their key. */
interface Ways {
  /** Groupings some events leave. */
  sources: ReadonlySet<number>
  targetOf(report: RereadReport): number | null
}

function waysOf({ regrouped }: RegroupCounts, { standing, groupingIds }: IssuesRegrouped): Ways {
  const known = new Set(standing.groupings.map(({ id }) => id))
  const leaving = regrouped.filter(({ groupingId, keyHash }) => {
    const target = groupingIds.get(keyHash)
    return known.has(groupingId) && target !== undefined && target !== groupingId
  })
  return {
    sources: new Set(leaving.map(({ groupingId }) => groupingId)),
    targetOf({ report, item }) {
      const target = item === null ? undefined : groupingIds.get(item.grouping.hash.toString('hex'))
      return target === undefined || target === report.groupingId ? null : target
    },
  }
}

async function moveAll(
  db: Db,
  { regrouping, days, ways }: { regrouping: Regrouping; days: readonly Day[]; ways: Ways },
  onProgress: (progress: RegroupProgress) => void,
): Promise<number> {
  const { projectId, version } = regrouping
  let [events, moved] = [0, 0]
  if (ways.sources.size === 0) return moved
  for (const [at, day] of days.entries()) {
    const isWanted = ({ groupingId }: { groupingId: number }) => ways.sources.has(groupingId)
    for await (const page of rereadDay(db, { ...regrouping, day }, isWanted)) {
      events += page.length
      moved += await moveReports(db, { projectId, version, day, reports: page.flatMap((one) => movingOf(one, ways)) })
      onProgress({ phase: 'moving', day, dayNumber: at + 1, days: days.length, events, moved })
    }
  }
  return moved
}

/** As it was counted: what its row says goes before what is read of its archive today. */
function movingOf(one: RereadReport, ways: Ways): readonly MovingReport[] {
  const { report, item } = one
  const to = ways.targetOf(one)
  if (item === null || to === null) return []
  const { release, tags, user, level } = item.event
  const event = { release, tags, user, level: LEVELS[report.level] ?? level, occurredAt: report.occurredAt }
  return [{ eventId: report.eventId, from: report.groupingId, to, receivedAt: report.receivedAt, event }]
}
