import type { Settings } from '@rumen/config/read-settings'
import { readArchives } from '@rumen/db/archive/read-archives'
import { type DigestedArchive, type DigestLimits, digestArchive } from '@rumen/digest/digest-archive'
import type { GroupingConfig } from '@rumen/grouping/config'
import { explain } from '@rumen/grouping/explain'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { type ArchiveQuestion, findArchive, isHashPrefix } from '../find-archive.ts'
import { readDay } from '../read-day.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { explainedInWords } from './explained-in-words.ts'
import { readArchiveFile } from './file.ts'
import { readProjectConfig } from './project-config.ts'

const OPTIONS = { project: { type: 'string' }, day: { type: 'string' }, json: { type: 'boolean' } } as const

const NO_RULES = parseRules('')
/** As a new project has it. */
const NEW_CONFIG: GroupingConfig = { mechanism: 'v1', strategy: 'stack', rules: NO_RULES }

/**
 * `rumen group explain ARCHIVE_HASH|FILE [--project ID] [--day DAY] [--json]`: why each event of an archive, or of a file as an
 * SDK sends it, groups as it does. A file needs no database, but for a project's rules.
 */
export async function explainGroupingCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ARCHIVE_HASH or FILE', OPTIONS)
  const projectId = options.project === undefined ? null : readProjectId(options.project)
  const explained = isHashPrefix(word)
    ? await explainStored(settings, { hashPrefix: word.toLowerCase(), projectId, day: readDay(options.day, '--day') })
    : await explainFile(settings, word, { projectId, day: options.day })
  if (options.json) console.log(JSON.stringify(explained))
  else console.log(explainedInWords(explained))
}

export type Explained = ReturnType<typeof explainArchive>

/** Every event of an archive as the digest finds it, and what it would reject. */
function explainArchive(archive: DigestedArchive, config: GroupingConfig, limits: DigestLimits) {
  // Without rules: what the digest gives is the event as it came, and the explanation applies them.
  const items = digestArchive(archive, { current: { ...config, rules: NO_RULES }, former: null }, limits)
  return {
    events: items.flatMap((item) =>
      item.kind === 'event' ? [{ event_id: item.key, item_index: item.itemIndex, ...inJson(item.event, config) }] : [],
    ),
    rejected: items.flatMap((item) =>
      item.kind === 'rejected'
        ? [{ item_index: item.itemIndex, item_type: item.itemType, code: item.code, message: item.message }]
        : [],
    ),
  }
}

function inJson(event: Parameters<typeof explain>[0], config: GroupingConfig) {
  const { titleRule, components, ...explanation } = explain(event, config)
  return {
    ...explanation,
    title_rule: titleRule,
    components: components.map(({ isUsed, ...component }) => ({ ...component, is_used: isUsed })),
  }
}

async function explainStored(settings: Settings, question: ArchiveQuestion): Promise<Explained> {
  return await withDatabase(settings, async (db) => {
    const address = await findArchive(db, question)
    const config = await readProjectConfig(db, address.projectId)
    for await (const [archive] of readArchives(db, [address])) {
      if (archive) return explainArchive(archive, config, settings)
    }
    throw new CommandError(`archive ${address.hash} of ${address.day} is gone`)
  })
}

async function explainFile(
  settings: Settings,
  file: string,
  { projectId, day }: { projectId: ProjectId | null; day: string | undefined },
): Promise<Explained> {
  const archive = await readArchiveFile(file, settings)
  if (day !== undefined) throw new CommandError('--day is for an archive of the database')
  const config =
    projectId === null ? NEW_CONFIG : await withDatabase(settings, (db) => readProjectConfig(db, projectId))
  return explainArchive(archive, config, settings)
}
