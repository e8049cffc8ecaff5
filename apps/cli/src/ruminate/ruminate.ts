import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import type { Db } from '@rumen/db/connect'
import { RulesChangedError } from '@rumen/db/regroup/hold-rules'
import { beginRumination } from '@rumen/db/rumination/begin-rumination'
import type { HeldProjects } from '@rumen/db/rumination/hold-projects'
import { CommandError } from '../command-error.ts'
import type { Example } from './examples.ts'
import { type ReadProject, readProject } from './read-project.ts'
import { regroup } from './regroup.ts'
import { NOTHING_REGROUPED, type RuminationResult, summaryOf } from './result.ts'
import { type Place, rewriteProject } from './rewrite-project.ts'
import { createRunLog, isOfThisVersion, type RunLog, type RunProgress } from './run-log.ts'
import { type ProjectOfScope, projectsOf, type Scope } from './scope.ts'
import type { ProgressDisplay } from './show-progress.ts'
import type { Tally } from './tally.ts'

export interface Rumination {
  db: Db
  settings: Settings
  scope: Scope
  progress: ProgressDisplay
}

/** All projects of a run of all: no project has this number. */
const ALL_PROJECTS = '0'

/**
 * Digests the archives of a scope again and makes what is stored of them, and what is counted of that, what they say today, by
 * the rules their projects have now. Goes on where a run of the same scope stopped, unless `anew`. While it runs, nobody else
 * may ruminate the same project: a CommandError says so.
 */
export async function ruminate(
  rumination: Rumination,
  { held, anew }: { held: HeldProjects; anew: boolean },
): Promise<RuminationResult> {
  const { db, scope, progress } = rumination
  const projects = await projectsOf(db, scope)
  if (scope.project === null && scope.issue === null) await hold(held, ALL_PROJECTS)
  else for (const { projectId } of projects) await hold(held, projectId)
  const begun = await beginRumination<RunProgress>(db, { scope, anew, canGoOn: isOfThisVersion })
  const log = createRunLog(db, begun)
  const { projectId: from } = log.current()
  if (from !== null) progress.say(goingOnInWords(log.current(), begun.startedAt))
  for (const project of projects.filter(({ projectId }) => from === null || Number(projectId) >= Number(from))) {
    await hold(held, project.projectId)
    const read = await readProjectOf(rumination, project)
    await ruminateProject(rumination, { read, log, before: begun.startedAt, held })
  }
  await log.finish()
  const { tally, summary } = log.current()
  return { ...summary, rewritten: tally }
}

async function hold(held: HeldProjects, projectId: string): Promise<void> {
  if (await held.hold(projectId)) return
  const whose = projectId === ALL_PROJECTS ? 'all projects are' : `project ${projectId} is`
  throw new CommandError(`${whose} being ruminated by another \`rumen ruminate\`: wait for its end, or stop it`)
}

async function readProjectOf({ db, settings, scope }: Rumination, project: ProjectOfScope): Promise<ReadProject> {
  return await readProject(db, project, { scope, reportDays: retentionOf(settings).reportDays })
}

function goingOnInWords({ projectId, step, place, tally }: RunProgress, startedAt: Date): string {
  const where = step === 'regrouping' ? 'with its issues' : place === null ? 'at its beginning' : `at ${place.day}`
  const begun = startedAt.toISOString().slice(0, 19).replace('T', ' ')
  return `goes on with project ${projectId} ${where}: begun ${begun} UTC, ${tally.archives} archives done; --restart begins anew`
}

interface ProjectRun {
  read: ReadProject
  log: RunLog
  before: Date
  held: HeldProjects
}

async function ruminateProject(rumination: Rumination, run: ProjectRun): Promise<void> {
  const { read, log } = run
  const { projectId, version } = read
  const stopped = log.current()
  // What was done by other rules is not done.
  const goesOn = stopped.projectId === projectId && stopped.version === version
  if (!goesOn) await log.note({ projectId, version, step: 'rewriting', place: null })
  const leaving = stopped.projectId === projectId ? 0 : stopped.tally.leaving
  try {
    if (log.current().step === 'rewriting') await rewrite(rumination, run, log.current().place)
    await run.held.check()
    await log.note({ step: 'regrouping', place: null })
    const hasLeft = log.current().tally.leaving > leaving
    const summary = hasLeft || !read.isUnmoved ? await regroupAll(rumination, run) : null
    const { events } = log.current().tally
    await log.note({ summary: summary ?? { ...NOTHING_REGROUPED, events: events - stopped.summary.events } })
  } catch (error) {
    if (error instanceof RulesChangedError) throw new CommandError(`${error.message}: run it again`)
    throw error
  }
}

async function rewrite({ db, settings, progress }: Rumination, run: ProjectRun, from: Place | null): Promise<void> {
  const { read, log, before, held } = run
  const rewriting = { ...read, db, before, limits: settings, isDry: false }
  let checkedAt = Date.now()
  await rewriteProject(rewriting, from, {
    onCommit: (tally, place, tx) => log.commit(tx, { tally, place }),
    async onStep(tally, place) {
      await log.step({ tally, place })
      if (Date.now() - checkedAt < CHECK_MS) return
      checkedAt = Date.now()
      await held.check()
    },
    onProgress: (done) =>
      progress.show({ doing: 'rewriting', done, count: log.current().tally.archives, unit: 'archives' }),
    onExample: () => undefined,
  })
}

/** Between two looks whether this process still has what it holds. */
const CHECK_MS = 5_000

async function regroupAll({ db, settings, scope, progress }: Rumination, { read }: ProjectRun) {
  const { groupingIds, ...project } = read
  const regrouping = {
    ...project,
    limits: settings,
    since: scope.since,
    until: scope.until,
    groupingIds: groupingIds && new Set(groupingIds),
  }
  const regrouped = await regroup(db, regrouping, ({ phase, events, dayNumber, days }) => {
    progress.show({ doing: phase, done: (dayNumber - 1) / days, count: events, unit: 'events' })
  })
  return summaryOf(regrouped)
}

/** What a run would do, project by project. Changes nothing. */
export async function foresee(
  { db, settings, scope, progress }: Rumination,
  onProject: (read: ReadProject) => Promise<void>,
): Promise<{ tally: Tally; examples: readonly Example[] }> {
  const log = createRunLog(db, null)
  const examples: Example[] = []
  const before = new Date()
  for (const project of await projectsOf(db, scope)) {
    const read = await readProject(db, project, { scope, reportDays: retentionOf(settings).reportDays })
    await rewriteProject({ ...read, db, before, limits: settings, isDry: true }, null, {
      onCommit: async () => undefined,
      onStep: (tally, place) => log.step({ tally, place }),
      onProgress: (done) =>
        progress.show({ doing: 'comparing', done, count: log.current().tally.archives, unit: 'archives' }),
      onExample: (example) => {
        if (examples.length < EXAMPLES_MAX) examples.push(example)
      },
    })
    await onProject(read)
  }
  return { tally: log.current().tally, examples }
}

const EXAMPLES_MAX = 20
