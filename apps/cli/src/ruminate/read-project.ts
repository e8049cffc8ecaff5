import type { Db } from '@rumen/db/connect'
import { describeGrouping } from '@rumen/db/grouping-config/describe-grouping'
import type { Day } from '@rumen/db/partition/day'
import { listDays } from '@rumen/db/partition/list-days'
import { readGroupingsOf, readKeptDays } from '@rumen/db/rumination/read-scope'
import { type GroupingConfig, readConfig } from '@rumen/grouping/config'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { unknownProject } from '../read-project-id.ts'
import { type FormerRules, formerRulesOf } from './former-titles.ts'
import { daysOf, type ProjectOfScope, type Scope } from './scope.ts'

/** A project that is ruminated, as it stands. */
export interface ReadProject {
  projectId: ProjectId
  config: GroupingConfig
  version: number
  former: FormerRules
  /** It was never grouped by anything else. */
  isUnmoved: boolean
  /** Days of the scope with archives and reports, oldest first. */
  days: readonly Day[]
  reportsSince: Day
  /** Null: all. */
  groupingIds: readonly number[] | null
}

/** Throws a CommandError for a project that is not there, and for rules of a newer version. */
export async function readProject(
  db: Db,
  { projectId, issueId }: ProjectOfScope,
  { scope, reportDays }: { scope: Scope; reportDays: number },
): Promise<ReadProject> {
  const description = await describeGrouping(db, projectId)
  if (description === null) throw unknownProject(projectId)
  const config = readConfig(description.current)
  const { version, rules } = description.current
  if (config === null) throw new CommandError(`project ${projectId} is grouped by rules of a newer version of Rumen`)
  const [archives, reports] = await daysOfTables(db)
  const keptDays = Math.min(reportDays, (await readKeptDays(db, projectId)) ?? reportDays)
  const both = archives.filter((day) => reports.includes(day))
  return {
    ...{ projectId, config, version },
    former: formerRulesOf(description, rules),
    isUnmoved: description.versions.length === 1,
    days: daysOf(both, scope, { keptDays, now: new Date() }),
    reportsSince: reports[0] ?? '',
    groupingIds: issueId === null ? null : await readGroupingsOf(db, { projectId, issueId }),
  }
}

async function daysOfTables(db: Db): Promise<readonly [archives: readonly Day[], reports: readonly Day[]]> {
  const days = (await listDays(db)).filter(({ isAttached }) => isAttached)
  const of = (name: 'archive' | 'report') => days.filter(({ table }) => table === name).map(({ day }) => day)
  return [of('archive'), of('report')]
}
