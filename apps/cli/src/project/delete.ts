import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { beginDeletion } from '@rumen/db/project/begin-deletion'
import { finishDeletion } from '@rumen/db/project/finish-deletions'
import { countRows } from '@rumen/db/project/project-rows'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen project delete ID --yes [--wait] [--json]`; called again it says how far it is. */
export async function deleteProjectCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ID', {
    yes: { type: 'boolean' },
    wait: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const projectId = readProjectId(word)
  if (!options.yes) throw new CommandError('all it has goes with it for good: add --yes if that is meant')
  const rowsLeft = await withDatabase(settings, async (db) => {
    if ((await beginDeletion(db, projectId)) === 'unknown_project') throw unknownProject(projectId)
    if (options.wait) await finish(db, projectId)
    return options.wait ? 0 : await countRows(db, projectId)
  })
  if (options.json) console.log(JSON.stringify({ id: projectId, deleted: options.wait === true, rows_left: rowsLeft }))
  else if (options.wait) console.log(`project ${projectId} is deleted`)
  else console.log(`project ${projectId} takes nothing any more; the workers delete what it has: ${rowsLeft} rows left`)
}

/** Deletes beside the workers instead of watching them: it is done even where none runs. */
async function finish(db: Db, projectId: ProjectId): Promise<void> {
  let deleted = 0
  await finishDeletion(db, projectId, {
    onRows(count) {
      deleted += count
      if (process.stderr.isTTY) process.stderr.write(`\r${deleted} rows deleted`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
}
