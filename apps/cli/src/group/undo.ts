import type { Settings } from '@rumen/config/read-settings'
import { undoGrouping } from '@rumen/db/grouping-config/undo-grouping'
import { CommandError } from '../command-error.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { readAdoption, sentencesOf } from './adoption.ts'

const OPTIONS = { project: { type: 'string' }, adopt: { type: 'string' } } as const

/** `rumen group undo --project ID [--adopt DAYS]`: back to how events were grouped before the last move. */
export async function undoGroupingCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, adopt } = readOptions(rest, OPTIONS)
  const projectId = readProjectId(project)
  const adoptsUntil = readAdoption(adopt, new Date())
  const undone = await withDatabase(settings, (db) => undoGrouping(db, { projectId, adoptsUntil }))
  switch (undone.outcome) {
    case 'unknown_project':
      throw unknownProject(projectId)
    case 'nothing_to_undo':
      throw new CommandError(`project ${projectId} was never moved to other rules`)
    case 'undone':
      console.log(sentencesOf(projectId, { version: undone.version, adoptsUntil }))
  }
}
