import type { Settings } from '@rumen/config/read-settings'
import { setKeyLimit } from '@rumen/db/project/set-key-limit'
import { CommandError } from '../command-error.ts'
import { readKey } from '../read-key.ts'
import { readRate } from '../read-limit.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen key limit KEY --project ID --rate N|none` */
export async function limitKeyCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'KEY', { project: { type: 'string' }, rate: { type: 'string' } })
  const publicKey = readKey(word)
  const projectId = readProjectId(options.project)
  if (options.rate === undefined) throw new CommandError('how many requests a second? --rate N, or --rate none')
  const rate = readRate('--rate', options.rate)
  const set = await withDatabase(settings, (db) => setKeyLimit(db, { projectId, publicKey }, rate))
  if (set === 'unknown_project') throw unknownProject(projectId)
  if (set === 'unknown_key') throw new CommandError(`project ${projectId} has no such key`)
  console.log('The limit is set.')
}
