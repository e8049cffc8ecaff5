import type { Settings } from '@rumen/config/read-settings'
import {
  describeGrouping,
  type GroupingDescription,
  type GroupingVersion,
} from '@rumen/db/grouping-config/describe-grouping'
import type { ProjectId } from '@rumen/protocol/brand'
import { onOneLine } from '../on-one-line.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen group show --project ID [--json]`: how a project's events are grouped, and how they were. */
export async function showGroupingCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, json } = readOptions(rest, { project: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = readProjectId(project)
  const description = await withDatabase(settings, (db) => describeGrouping(db, projectId))
  if (description === null) throw unknownProject(projectId)
  if (json) console.log(JSON.stringify(inJson(projectId, description)))
  else console.log(inWords(description, new Date()))
}

function inJson(projectId: ProjectId, { current, formerVersion, adoptsUntil, versions }: GroupingDescription) {
  return {
    project_id: projectId,
    ...versionInJson(current),
    former_version: formerVersion,
    adopts_until: adoptsUntil,
    versions: versions.map(versionInJson),
  }
}

function versionInJson({ createdAt, ...version }: GroupingVersion) {
  return { ...version, created_at: createdAt }
}

function inWords({ current, formerVersion, adoptsUntil, versions }: GroupingDescription, now: Date): string {
  const lines = [
    ['mechanism', current.mechanism],
    ['strategy', current.strategy],
    ['version', String(current.version)],
    ...(formerVersion === null ? [] : [['moved from', String(formerVersion), transitionInWords(adoptsUntil, now)]]),
    ...linesOf(current.rules).map((line, index) => [`rule ${index + 1}`, line]),
    ...versions.map((one) => [
      `version ${one.version}`,
      one.createdAt.toISOString(),
      one.mechanism,
      one.strategy,
      rulesInWords(one.rules),
    ]),
  ]
  return lines.map((line) => line.map(onOneLine).join('\t')).join('\n')
}

function transitionInWords(adoptsUntil: Date | null, now: Date): string {
  if (adoptsUntil === null) return 'new keys begin new issues'
  const until = adoptsUntil.toISOString()
  return adoptsUntil > now
    ? `new keys take over the issues of its keys until ${until}`
    : `the move was over at ${until}`
}

function rulesInWords(rules: string): string {
  const { length } = linesOf(rules)
  return length === 0 ? 'no rules' : length === 1 ? '1 line of rules' : `${length} lines of rules`
}

/** Numbered as in the faults of a file; without what follows the last line break, where nothing does. */
function linesOf(rules: string): string[] {
  const lines = rules.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
