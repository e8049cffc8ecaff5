import type { Settings } from '@rumen/config/read-settings'
import { revokeKey } from '@rumen/db/project/revoke-key'
import { CommandError } from '../command-error.ts'
import { readKey } from '../read-key.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen key revoke KEY --project ID --yes` */
export async function revokeKeyCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'KEY', { project: { type: 'string' }, yes: { type: 'boolean' } })
  const publicKey = readKey(word)
  const projectId = readProjectId(options.project)
  if (!options.yes)
    throw new CommandError('what is sent with a revoked key is refused and lost: add --yes if that is meant')
  const revoked = await withDatabase(settings, (db) => revokeKey(db, { projectId, publicKey }))
  if (revoked === 'unknown_project') throw unknownProject(projectId)
  if (revoked === 'unknown_key') throw new CommandError(`project ${projectId} has no such key`)
  console.log(`The key is revoked. \`rumen key create --project ${projectId} --key KEY\` takes that back.`)
}
