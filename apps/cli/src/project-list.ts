import type { Settings } from '@rumen/config/read-settings'
import { listProjects } from '@rumen/db/project/list-projects'
import { formatDsn } from '@rumen/protocol/dsn'
import { publicUrl } from './public-url.ts'
import { readOptions } from './read-options.ts'
import { withDatabase } from './with-database.ts'

/** `rumen project list [--json]`: one line for each project, or one JSON array. */
export async function listProjectsCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { json } = readOptions(rest, { json: { type: 'boolean' } })
  const projects = (await withDatabase(settings, listProjects)).map(({ id, slug, name, publicKeys }) => ({
    id,
    slug,
    name,
    dsns: publicKeys.map((publicKey) => formatDsn({ publicUrl: publicUrl(settings), publicKey, projectId: id })),
  }))
  if (json) console.log(JSON.stringify(projects))
  else for (const { id, slug, name, dsns } of projects) console.log([id, slug, name, ...dsns].join('\t'))
}
