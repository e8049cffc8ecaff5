import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { describeGrouping } from '@rumen/db/grouping-config/describe-grouping'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { readConfig } from '@rumen/grouping/config'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { countRegrouped } from '../ruminate/count-regrouped.ts'
import { type FormerRules, formerRulesOf } from '../ruminate/former-titles.ts'
import { placementOf } from '../ruminate/placement.ts'
import { type Preview, previewOf } from '../ruminate/preview.ts'
import { previewInWords } from '../ruminate/preview-in-words.ts'
import { daysToReread, type Rereading } from '../ruminate/reread-reports.ts'
import { NO_PROGRESS, type ProgressDisplay, showProgress } from '../ruminate/show-progress.ts'
import { withDatabase } from '../with-database.ts'
import { readRules } from './rules.ts'

const OPTIONS = {
  project: { type: 'string' },
  mechanism: { type: 'string' },
  strategy: { type: 'string' },
  rules: { type: 'string' },
  days: { type: 'string' },
  json: { type: 'boolean' },
} as const

const DAYS = 14
const DAYS_MAX = 3650

/**
 * `rumen group preview --project ID [--mechanism M] [--strategy S] [--rules FILE|-] [--days N] [--json]`: what would merge and
 * split under other rules, were all events of these days grouped by them. Changes nothing.
 */
export async function previewGroupingCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, days, json, rules, mechanism, strategy } = readOptions(rest, OPTIONS)
  const projectId = readProjectId(project)
  const since = addDays(dayOf(new Date()), 1 - readDays(days))
  const given = {
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(rules === undefined ? {} : { rules: await readRules(rules) }),
  }
  const progress = json ? NO_PROGRESS : showProgress()
  const preview = await withDatabase(settings, async (db) => {
    const proposed = await readProposed(db, projectId, given)
    return await showPreview(
      db,
      { ...proposed, projectId, limits: settings, since, until: null, groupingIds: null },
      progress,
    )
  })
  progress.end()
  if (json) console.log(JSON.stringify(preview))
  else console.log(previewInWords(preview))
}

/** What grouping the events from a day on anew would make of issues; how far the reading has come goes to a terminal. */
export async function showPreview(
  db: Db,
  {
    version,
    since,
    until,
    ...rereading
  }: Rereading & {
    version: number | null
    former: FormerRules
    since: Day | null
    until: Day | null
  },
  progress: ProgressDisplay,
): Promise<Preview> {
  const days = await daysToReread(db, { since, until })
  const counts = await countRegrouped(db, { ...rereading, days }, (one) => {
    progress.show({ doing: 'reading', done: (one.dayNumber - 1) / one.days, count: one.events, unit: 'events' })
  })
  return previewOf({ counts, ...(await placementOf(db, { projectId: rereading.projectId, version }, counts)) })
}

/** The project's config with what is given in its place; the version is null where that is not what the project has. */
async function readProposed(
  db: Db,
  projectId: ProjectId,
  given: { mechanism?: string; strategy?: string; rules?: string },
) {
  const description = await describeGrouping(db, projectId)
  if (description === null) throw unknownProject(projectId)
  const { version, mechanism, strategy, rules } = description.current
  const wanted = { mechanism, strategy, rules, ...given }
  const config = readConfig(wanted)
  if (config === null) throw new CommandError('no such mechanism or strategy, or one of a newer version of Rumen')
  const isCurrent = wanted.mechanism === mechanism && wanted.strategy === strategy && wanted.rules === rules
  return { config, version: isCurrent ? version : null, former: formerRulesOf(description, wanted.rules) }
}

function readDays(text: string | undefined): number {
  const days = text === undefined ? DAYS : /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > DAYS_MAX) throw new CommandError(`--days is a whole number from 1 to ${DAYS_MAX}`)
  return days
}
