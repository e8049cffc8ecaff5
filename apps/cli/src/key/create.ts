import type { Settings } from '@rumen/config/read-settings'
import { createKey } from '@rumen/db/project/create-key'
import { formatDsn } from '@rumen/protocol/dsn'
import { CommandError } from '../command-error.ts'
import { publicUrl } from '../public-url.ts'
import { readKey } from '../read-key.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen key create --project ID [--key KEY] [--json]` */
export async function createKeyCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const options = readOptions(rest, { project: { type: 'string' }, key: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = readProjectId(options.project)
  const given = options.key === undefined ? {} : { publicKey: readKey(options.key) }
  // Before anything is made: it may not be known yet.
  const url = publicUrl(settings)
  const created = await withDatabase(settings, (db) => createKey(db, { projectId, ...given }))
  if (created.kind === 'unknown_project') throw unknownProject(projectId)
  if (created.kind === 'taken') throw new CommandError(`project ${projectId} has this key already`)
  const dsn = formatDsn({ publicUrl: url, publicKey: created.publicKey, projectId })
  console.log(options.json ? JSON.stringify({ key: created.publicKey, dsn }) : dsn)
}
