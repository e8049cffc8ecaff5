import type { Settings } from '@rumen/config/read-settings'
import { listAnalysts } from '@rumen/db/analyst/list-analysts'
import { readOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen analyst list [--json]`: one line for each role with projects of its own, or one JSON array. */
export async function listAnalystsCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { json } = readOptions(rest, { json: { type: 'boolean' } })
  const analysts = await withDatabase(settings, listAnalysts)
  if (json) console.log(JSON.stringify(analysts))
  else for (const { name, projects } of analysts) console.log([name, ...projects.map(({ slug }) => slug)].join('\t'))
}
