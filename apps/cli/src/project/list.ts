import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { type ListedProject, listProjects } from '@rumen/db/project/list-projects'
import { countRows } from '@rumen/db/project/project-rows'
import { formatDsn } from '@rumen/protocol/dsn'
import { publicUrl } from '../public-url.ts'
import { readOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen project list [--json]`: one line for each project, or one JSON array. */
export async function listProjectsCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { json } = readOptions(rest, { json: { type: 'boolean' } })
  const projects = await withDatabase(settings, async (db) => {
    const described = []
    for (const project of await listProjects(db)) described.push(await describe(db, settings, project))
    return described
  })
  if (json) console.log(JSON.stringify(projects))
  else for (const project of projects) console.log(inWords(project))
}

interface DescribedProject {
  id: string
  slug: string
  name: string
  dsns: readonly string[]
  /** Only of one that is being deleted. */
  deleting_since?: Date
  rows_left?: number
}

async function describe(db: Db, settings: Settings, project: ListedProject): Promise<DescribedProject> {
  const { id, slug, name, publicKeys, deletingSince } = project
  const dsns = publicKeys.map((publicKey) => formatDsn({ publicUrl: publicUrl(settings), publicKey, projectId: id }))
  if (deletingSince === null) return { id, slug, name, dsns }
  return { id, slug, name, dsns, deleting_since: deletingSince, rows_left: await countRows(db, id) }
}

function inWords({ id, slug, name, dsns, deleting_since, rows_left }: DescribedProject): string {
  const rest = deleting_since ? [`deleting since ${deleting_since.toISOString()}, ${rows_left} rows left`] : dsns
  return [id, slug, name, ...rest].join('\t')
}
