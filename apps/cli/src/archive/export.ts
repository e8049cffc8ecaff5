import type { Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { type ArchiveScope, findArchivedProjects, findProjects } from '@rumen/db/project/find-projects'
import { CommandError } from '../command-error.ts'
import { prepare } from '../migrate/migrate.ts'
import { openDatabase } from '../open-database.ts'
import { progressBar } from '../progress-bar.ts'
import { readDay } from '../read-day.ts'
import { readOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { type ExportPlace, readExportPlace, sameScope } from './export-place.ts'
import { type Exporting, exportArchives, type LineSink } from './export-run.ts'
import { openPartFile } from './part-file.ts'
import { fileSink, PipeClosedError, streamSink } from './sinks.ts'

const OPTIONS = {
  output: { type: 'string', short: 'o' },
  project: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  resume: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/** As a shell says of what SIGPIPE ended. */
const BROKEN_PIPE = 141

/**
 * `rumen archive export [-o FILE] [--resume] [--project ID] [--since DAY] [--until DAY] [--json]`: the archives as JSON, one a line, on standard
 * output or in a file, which `.zst` or `.gz` at its end compresses. What it has written is told on standard error where the lines go to
 * standard output.
 */
export async function exportArchivesCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { output, project, since, until, resume = false, json = false } = readOptions(rest, OPTIONS)
  if (resume && output === undefined) throw new CommandError('--resume goes with -o FILE')
  const scope: ArchiveScope = {
    projectId: project === undefined ? null : readProjectId(project),
    since: readDay(since, '--since'),
    until: readDay(until, '--until'),
  }
  const database = await openDatabase(settings, console.error)
  try {
    await prepare(database)
    // Keys come through a session of their own, which no transaction pooler can carry.
    const connection = connect(database.directUrl, { poolSize: 2, name: 'rumen archive export' })
    const run = output === undefined ? toStream : toFile
    await run({ connection, scope, settings, output: output ?? '', resume, json }).finally(connection.close)
  } finally {
    await database.close()
  }
}

interface Asked {
  connection: Connection
  scope: ArchiveScope
  settings: Settings
  output: string
  resume: boolean
  json: boolean
}

async function toStream(asked: Asked): Promise<void> {
  const sink = streamSink(process.stdout)
  try {
    tell(await run(asked, await beginning(asked), { sink, isResumed: false }), { json: asked.json, log: console.error })
  } catch (error) {
    // Whoever read it has had enough, and knows.
    if (!(error instanceof PipeClosedError)) throw error
    process.exitCode = BROKEN_PIPE
  }
}

async function toFile(asked: Asked): Promise<void> {
  const { output, resume, scope } = asked
  const part = await openPartFile(output, { isResumed: resume, readPlace: readExportPlace })
  try {
    if (part.place !== null && !sameScope(part.place.scope, scope)) {
      throw new CommandError(`${output}.part is of other projects or days: resume it as it was begun`)
    }
    const from = part.place ?? (await beginning(asked))
    const place = await run(asked, from, { sink: fileSink(part), isResumed: part.place !== null })
    tell(place, { json: asked.json, log: console.log, bytes: part.bytes(), file: output })
  } finally {
    await part.close()
  }
}

async function beginning({ connection: { db }, scope }: Asked): Promise<ExportPlace> {
  const { projectId } = scope
  if (projectId !== null && (await findProjects(db, [projectId])).length === 0) throw unknownProject(projectId)
  const projects = (await findArchivedProjects(db, scope)).map(({ id, slug }) => ({ id, slug }))
  return { scope, projects, day: null, last: null, counts: { archives: 0, rewritten: 0, suppressed: 0, damaged: 0 } }
}

async function run(
  { connection, settings }: Asked,
  from: ExportPlace,
  to: { sink: LineSink; isResumed: boolean },
): Promise<ExportPlace> {
  const bar = progressBar()
  const exporting: Exporting = {
    ...{ connection, from, ...to },
    decodedBytesMax: settings.MAX_UNCOMPRESSED_PAYLOAD_BYTES,
    onProgress: ({ place: { counts, day }, fraction }) => bar.show(fraction, `${day}, ${counts.archives} archives`),
    onDamaged({ projectId, day, hash }) {
      bar.end()
      console.error(`rumen: archive ${hash} of project ${projectId}, ${day}, is damaged and left out`)
    },
  }
  return await exportArchives(exporting).finally(bar.end)
}

/** Says what was written, and fails where something could not be. */
function tell(
  { counts }: ExportPlace,
  { json, log, ...file }: { json: boolean; log: (text: string) => void; bytes?: number; file?: string },
): void {
  log(json ? JSON.stringify({ ...counts, ...file }) : inWords(counts, file))
  if (counts.damaged > 0) throw new CommandError(`${counts.damaged} archives are damaged and were left out`)
}

function inWords(counts: ExportPlace['counts'], { bytes, file }: { bytes?: number; file?: string }): string {
  const { archives, rewritten, suppressed } = counts
  return [
    file === undefined ? `${archives} archives.` : `${archives} archives, ${bytes} bytes, in ${file}.`,
    ...(rewritten > 0 ? [`${rewritten} of them without items that were deleted.`] : []),
    ...(suppressed > 0 ? [`${suppressed} left out: what is in them was deleted.`] : []),
  ].join('\n')
}
