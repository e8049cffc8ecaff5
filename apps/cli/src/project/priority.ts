import type { Settings } from '@rumen/config/read-settings'
import { PRIORITIES, type Priority, setPriority } from '@rumen/db/project/set-priority'
import { CommandError } from '../command-error.ts'
import { readWordsAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen project priority ID critical|high|normal|low` */
export async function prioritiseProjectCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const [id, priority = ''] = readWordsAndOptions(rest, ['ID', 'PRIORITY'], {}).words
  const projectId = readProjectId(id)
  if (!isPriority(priority)) throw new CommandError(`PRIORITY is one of ${Object.keys(PRIORITIES).join(', ')}`)
  const set = await withDatabase(settings, (db) => setPriority(db, projectId, priority))
  if (set === 'unknown_project') throw unknownProject(projectId)
  console.log(`Events of project ${projectId} that come from now on have priority ${priority}.`)
}

function isPriority(text: string): text is Priority {
  return Object.hasOwn(PRIORITIES, text)
}
