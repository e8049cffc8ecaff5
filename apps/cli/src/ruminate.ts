import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { describeGrouping } from '@rumen/db/grouping-config/describe-grouping'
import type { Day } from '@rumen/db/partition/day'
import { readConfig } from '@rumen/grouping/config'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from './command-error.ts'
import { showPreview } from './group-preview.ts'
import { readOptions } from './read-options.ts'
import { readProjectId, unknownProject } from './read-project-id.ts'
import { formerRulesOf } from './ruminate-former-titles.ts'
import { previewInWords } from './ruminate-preview-in-words.ts'
import { showProgress } from './ruminate-progress.ts'
import { resultInWords, resultOf } from './ruminate-result.ts'
import { type Ruminated, type Rumination, ruminate } from './ruminate-run.ts'
import { withDatabase } from './with-database.ts'

const OPTIONS = {
  project: { type: 'string' },
  since: { type: 'string' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/**
 * `rumen ruminate --project ID [--since DAY] [--dry-run] --yes [--json]`: groups what has come already by the rules the project has now.
 * Undone by `rumen group undo` and another run.
 */
export async function ruminateCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, since, 'dry-run': isDry, yes, json } = readOptions(rest, OPTIONS)
  const projectId = readProjectId(project)
  const from = since === undefined ? null : readDay(since)
  if (!isDry && !yes) {
    throw new CommandError('issues will split and merge: see --dry-run, and add --yes if that is meant')
  }
  await withDatabase(settings, async (db) => {
    const rumination = { ...(await readCurrent(db, projectId)), projectId, limits: settings, since: from }
    if (isDry) {
      const preview = await showPreview(db, rumination)
      console.log(json ? JSON.stringify(preview) : previewInWords(preview))
      return
    }
    const result = resultOf(await run(db, rumination))
    console.log(json ? JSON.stringify(result) : resultInWords(result))
  })
}

async function run(db: Db, rumination: Rumination): Promise<Ruminated> {
  const progress = showProgress()
  return await ruminate(db, rumination, (one) => progress.show(one, one.phase)).finally(progress.end)
}

async function readCurrent(db: Db, projectId: ProjectId): Promise<Pick<Rumination, 'config' | 'version' | 'former'>> {
  const description = await describeGrouping(db, projectId)
  if (description === null) throw unknownProject(projectId)
  const config = readConfig(description.current)
  const { version, rules } = description.current
  if (config !== null) return { config, version, former: formerRulesOf(description, rules) }
  throw new CommandError(`project ${projectId} is grouped by rules of a newer version of Rumen`)
}

function readDay(text: string): Day {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text)
  if (!isDay) throw new CommandError('--since is a day like 2026-01-31')
  return text
}
