import type { Db } from '@rumen/db/connect'
import { findSurvivor } from '@rumen/db/issue/find-survivor'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { listProjects } from '@rumen/db/project/list-projects'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { addressOf, readIssueName } from '../issue/named.ts'
import { readProjectId } from '../read-project-id.ts'

/** What is to be ruminated, as it was asked for: with the same a run that stopped is taken up again. */
export interface Scope {
  /** Null: all there are. */
  project: ProjectId | null
  since: Day | null
  until: Day | null
  /** `slug-number` */
  issue: string | null
}

export interface ScopeOptions {
  project?: string | undefined
  all?: boolean | undefined
  since?: string | undefined
  until?: string | undefined
  issue?: string | undefined
}

/** Throws a CommandError for what does not go together, and for what is no day. */
export function readScope({ project, all, since, until, issue }: ScopeOptions): Scope {
  if (all && (project !== undefined || issue !== undefined)) {
    throw new CommandError('--all is all projects: leave out --project and --issue, or --all')
  }
  if (issue !== undefined && project !== undefined)
    throw new CommandError('an issue names its project: leave out --project')
  const days = { since: readDay('since', since), until: readDay('until', until) }
  if (days.since !== null && days.until !== null && days.since > days.until) {
    throw new CommandError('--since is later than --until')
  }
  const isOfOne = !all && issue === undefined
  return { project: isOfOne ? readProjectId(project) : null, ...days, issue: issue?.toLowerCase() ?? null }
}

function readDay(name: string, text: string | undefined): Day | null {
  if (text === undefined) return null
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text)
  if (!isDay) throw new CommandError(`--${name} is a day like 2026-01-31`)
  return text
}

/** A project of a scope, with the issue it is limited to. */
export interface ProjectOfScope {
  projectId: ProjectId
  issueId: number | null
}

/** The projects of a scope, in the order they are gone through. */
export async function projectsOf(db: Db, { project, issue }: Scope): Promise<readonly ProjectOfScope[]> {
  if (issue !== null) {
    const address = await addressOf(db, readIssueName(issue))
    const survivor = await findSurvivor(db, address)
    return [{ projectId: address.projectId, issueId: survivor?.issueId ?? address.issueId }]
  }
  if (project !== null) return [{ projectId: project, issueId: null }]
  const projects = await listProjects(db)
  const kept = projects.filter(({ deletingSince }) => deletingSince === null)
  return kept.map(({ id }) => ({ projectId: id, issueId: null })).toSorted(byId)
}

function byId(a: ProjectOfScope, b: ProjectOfScope): number {
  return Number(a.projectId) - Number(b.projectId)
}

/** Of the days, those of a scope: none older than the project keeps, and none that has not begun anywhere. */
export function daysOf(
  days: readonly Day[],
  { since, until }: Pick<Scope, 'since' | 'until'>,
  { keptDays, now }: { keptDays: number; now: Date },
): readonly Day[] {
  const today = dayOf(now)
  const [oldest, newest] = [addDays(today, 1 - keptDays), addDays(today, 1)]
  return days.filter((day) => day >= oldest && day <= newest && day >= (since ?? day) && day <= (until ?? day))
}
