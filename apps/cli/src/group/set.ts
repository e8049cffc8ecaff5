import type { Settings } from '@rumen/config/read-settings'
import { type GroupingMove, moveGrouping } from '@rumen/db/grouping-config/move-grouping'
import { MECHANISMS, STRATEGIES } from '@rumen/grouping/config'
import { CommandError } from '../command-error.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { readAdoption, sentencesOf } from './adoption.ts'
import { readRules } from './rules.ts'

const OPTIONS = {
  project: { type: 'string' },
  mechanism: { type: 'string' },
  strategy: { type: 'string' },
  rules: { type: 'string' },
  adopt: { type: 'string' },
} as const

/** `rumen group set --project ID [--mechanism M] [--strategy stack|transaction] [--rules FILE|-] [--adopt DAYS]` */
export async function setGroupingCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const options = readOptions(rest, OPTIONS)
  const projectId = readProjectId(options.project)
  const now = new Date()
  const adoptsUntil = readAdoption(options.adopt, now)
  const given = await readGiven(options)
  const moved = await withDatabase(settings, (db) => moveGrouping(db, { projectId, given, adoptsUntil, now }))
  switch (moved.outcome) {
    case 'unknown_project':
      throw unknownProject(projectId)
    case 'unchanged':
      return console.log(`Project ${projectId} is grouped like that already, by version ${moved.version}.`)
    case 'moved':
      console.log(sentencesOf(projectId, { version: moved.version, adoptsUntil }))
      if (moved.unfinished !== null) console.log(warningOf(moved.former, moved.unfinished))
  }
}

async function readGiven(options: {
  mechanism?: string
  strategy?: string
  rules?: string
}): Promise<GroupingMove['given']> {
  const { mechanism, strategy, rules } = options
  if (mechanism === undefined && strategy === undefined && rules === undefined) {
    throw new CommandError('nothing to set: --mechanism, --strategy or --rules')
  }
  requireOneOf('--mechanism', mechanism, MECHANISMS)
  requireOneOf('--strategy', strategy, STRATEGIES)
  return {
    ...(mechanism === undefined ? {} : { mechanism }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(rules === undefined ? {} : { rules: await readRules(rules) }),
  }
}

function requireOneOf(option: string, given: string | undefined, known: readonly string[]): void {
  if (given !== undefined && !known.includes(given)) throw new CommandError(`${option} is one of ${known.join(', ')}`)
}

/** Only one former version is looked at: of two moves in a row, what has not happened in between is known by neither key. */
function warningOf(former: number, unfinished: number): string {
  return (
    `The move from version ${unfinished} to ${former} was not over: a bug that has not happened since, and has other keys now, ` +
    'begins a new issue, unless `rumen ruminate` comes first.'
  )
}
