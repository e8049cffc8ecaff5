import type { Settings } from '@rumen/config/read-settings'
import { holdProjects } from '@rumen/db/rumination/hold-projects'
import { CommandError } from '../command-error.ts'
import { showPreview } from '../group/preview.ts'
import { readOptions } from '../read-options.ts'
import { LONG_STATEMENT_MS, withDatabase } from '../with-database.ts'
import { type Foreseen, foreseenInWords } from './foreseen-in-words.ts'
import type { Preview } from './preview.ts'
import { resultInWords } from './result.ts'
import { foresee, type Rumination, ruminate } from './ruminate.ts'
import { readScope } from './scope.ts'
import { NO_PROGRESS, showProgress } from './show-progress.ts'

const OPTIONS = {
  project: { type: 'string' },
  all: { type: 'boolean' },
  since: { type: 'string' },
  until: { type: 'string' },
  issue: { type: 'string' },
  restart: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  yes: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** Pages are read ahead while the one before is written. */
const POOL_SIZE = 3

/**
 * `rumen ruminate [--project ID|--all] [--since DAY] [--until DAY] [--issue ISSUE] [--dry-run] [--restart] --yes [--json]`: digests
 * what was received again and makes what is stored of it what this version of Rumen, and the rules projects have now, make of it.
 */
export async function ruminateCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { restart, 'dry-run': isDry, yes, json, ...options } = readOptions(rest, OPTIONS)
  const scope = readScope(options)
  if (!isDry && !yes) {
    throw new CommandError('issues will split and merge: see --dry-run, and add --yes if that is meant')
  }
  const progress = json ? NO_PROGRESS : showProgress()
  await withDatabase(
    settings,
    async (db, { directUrl }) => {
      const rumination = { db, settings, scope, progress }
      if (isDry) {
        const foreseen = await foreseeAll(rumination)
        progress.end()
        console.log(json ? foreseenInJson(foreseen) : foreseenInWords(foreseen))
        return
      }
      const held = holdProjects(directUrl)
      const result = await ruminate(rumination, { held, anew: restart === true }).finally(held.release)
      progress.end()
      console.log(json ? JSON.stringify(result) : resultInWords(result))
    },
    { poolSize: POOL_SIZE, statementTimeoutMs: LONG_STATEMENT_MS },
  ).finally(progress.end)
}

async function foreseeAll(rumination: Rumination): Promise<Foreseen> {
  const { db, settings, scope, progress } = rumination
  const previews: Preview[] = []
  const foreseen = await foresee(rumination, async ({ groupingIds, ...read }) => {
    const ids = groupingIds && new Set(groupingIds)
    const { since, until } = scope
    previews.push(await showPreview(db, { ...read, limits: settings, groupingIds: ids, since, until }, progress))
  })
  return { ...foreseen, previews }
}

/** Of one project as one object. */
function foreseenInJson({ previews, tally, examples }: Foreseen): string {
  const rewriting = { rewritten: tally, examples }
  const [preview] = previews
  return JSON.stringify(previews.length === 1 ? { ...preview, ...rewriting } : { projects: previews, ...rewriting })
}
