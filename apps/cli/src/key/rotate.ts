import type { Settings } from '@rumen/config/read-settings'
import { rotateKey } from '@rumen/db/project/rotate-key'
import { formatDsn } from '@rumen/protocol/dsn'
import { CommandError } from '../command-error.ts'
import { publicUrl } from '../public-url.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen key rotate --project ID --yes [--json]`: prints the DSN with the new key. */
export async function rotateKeyCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const options = readOptions(rest, {
    project: { type: 'string' },
    yes: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const projectId = readProjectId(options.project)
  if (!options.yes) throw new CommandError('this revokes all keys the project has now: add --yes if that is meant')
  // Before anything is changed: it may not be known yet, and the new DSN is all that is left then.
  const url = publicUrl(settings)
  const publicKey = await withDatabase(settings, (db) => rotateKey(db, projectId))
  if (!publicKey) throw unknownProject(projectId)
  const dsn = formatDsn({ publicUrl: url, publicKey, projectId })
  console.log(options.json ? JSON.stringify({ key: publicKey, dsn }) : dsn)
}
