import type { Settings } from '@rumen/config/read-settings'
import { createProject } from '@rumen/db/project/create-project'
import { formatDsn } from '@rumen/protocol/dsn'
import { CommandError } from '../command-error.ts'
import { publicUrl } from '../public-url.ts'
import { readKey } from '../read-key.ts'
import { readOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

const NAME_CHARS_MAX = 100

/** `rumen project create --name NAME [--key KEY] [--json]` */
export async function createProjectCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const options = readOptions(rest, { name: { type: 'string' }, key: { type: 'string' }, json: { type: 'boolean' } })
  const name = options.name?.trim() ?? ''
  if (name === '') throw new CommandError('a project needs a name: --name NAME')
  if (name.length > NAME_CHARS_MAX) throw new CommandError(`a name has at most ${NAME_CHARS_MAX} characters`)
  const key = options.key === undefined ? {} : { publicKey: readKey(options.key) }
  const { id, slug, publicKey } = await withDatabase(settings, (db) => createProject(db, { name, ...key }))
  const dsn = formatDsn({ publicUrl: publicUrl(settings), publicKey, projectId: id })
  console.log(options.json ? JSON.stringify({ id, slug, name, dsn }) : dsn)
}
