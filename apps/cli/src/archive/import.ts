import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { CommandError } from '../command-error.ts'
import { prepare } from '../migrate/migrate.ts'
import { openDatabase } from '../open-database.ts'
import { type ProgressBar, progressBar } from '../progress-bar.ts'
import { readOptions } from '../read-options.ts'
import { openImportDatabase } from './import-database.ts'
import { type Imported, importArchives } from './import-run.ts'
import { inflateInput } from './inflate-input.ts'
import { readLines } from './read-lines.ts'
import { openTargets, readMapping } from './targets.ts'

const OPTIONS = {
  input: { type: 'string', short: 'i' },
  project: { type: 'string' },
  map: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const

/** Faults that are told one by one; a file of something else has one in every line. */
const FAULTS_SHOWN_MAX = 100
/** Of a line beside its body, which is a third longer in base64. */
const MEMBERS_BYTES_MAX = 128 * 1024

/**
 * `rumen archive import [-i FILE] [--project ID | --map OLD=NEW…] [--json]`: keeps every archive of an export and has it digested as if it had
 * just come. Lines that cannot be read are told with their number and passed over; then the exit code is not 0. Run again, it goes on.
 */
export async function importArchivesCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { input, project, map, json = false } = readOptions(rest, OPTIONS)
  const mapping = readMapping(project, map)
  const source = await openSource(input)
  const database = await openDatabase(settings, console.error)
  const bar = progressBar()
  try {
    await prepare(database)
    const waitingMax = settings.MAX_QUEUE_EVENTS === 0 ? Infinity : settings.MAX_QUEUE_EVENTS / 2
    const importing = await openImportDatabase(database, {
      ...{ waitingMax, onWait: tellOfQueue(bar) },
      dedupeDays: settings.DEDUPE_DAYS,
    })
    try {
      const targets = await openTargets(importing.db, mapping)
      const faults = createFaults(bar)
      const bytesMax = Math.ceil(settings.MAX_COMPRESSED_PAYLOAD_BYTES / 3) * 4 + MEMBERS_BYTES_MAX
      const imported = await importArchives({
        ...{ targets, database: importing, limits: settings, now: () => new Date(), onFault: faults.tell },
        lines: readLines(inflateInput(source.chunks), bytesMax),
        archiveDays: retentionOf(settings).archiveDays,
        onProgress: (counts) => bar.show(source.fraction(), `${counts.imported} imported, ${counts.present} present`),
      }).finally(bar.end)
      faults.tellOfMore()
      console.log(json ? JSON.stringify(imported) : inWords(imported, retentionOf(settings).archiveDays))
      if (imported.faults > 0)
        throw new CommandError(`${imported.faults} faults: see above; everything else is imported`)
    } finally {
      await importing.close()
    }
  } finally {
    await database.close()
  }
}

/** Where lines come from, and how much of it is read; null where nobody knows how much there is. */
async function openSource(file: string | undefined) {
  if (file === undefined || file === '-') return { chunks: chunksOf(process.stdin), fraction: () => null }
  const found = await stat(file).catch(() => null)
  if (!found?.isFile()) throw new CommandError(`there is no file ${file}`)
  const stream = createReadStream(file)
  return { chunks: chunksOf(stream), fraction: () => (found.size === 0 ? null : stream.bytesRead / found.size) }
}

async function* chunksOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer, void> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

function createFaults(bar: ProgressBar) {
  let count = 0
  return {
    tell(reason: string, line: number | null): void {
      count++
      if (count > FAULTS_SHOWN_MAX) return
      bar.end()
      console.error(line === null ? `rumen: ${reason}` : `rumen: line ${line}: ${reason}`)
    },
    tellOfMore(): void {
      if (count > FAULTS_SHOWN_MAX) console.error(`rumen: … and ${count - FAULTS_SHOWN_MAX} more`)
    },
  }
}

/** Once on a log; on a terminal as long as it lasts. */
function tellOfQueue(bar: ProgressBar): (waiting: number) => void {
  let isTold = false
  return (waiting) => {
    const sentence = `${waiting} events wait for a worker: the import goes on when they are fewer`
    bar.show(null, sentence)
    if (!isTold && !process.stderr.isTTY) console.error(`rumen: ${sentence}`)
    isTold = true
  }
}

function inWords({ read, imported, present, skipped }: Imported, archiveDays: number): string {
  return [
    `${read} read: ${imported} imported, ${present} were here already.`,
    ...(skipped.expired > 0
      ? [`${skipped.expired} skipped: older than archives are kept (${archiveDays} days, ARCHIVE_RETENTION_DAYS).`]
      : []),
    ...(skipped.suppressed > 0 ? [`${skipped.suppressed} skipped: they were deleted here.`] : []),
  ].join('\n')
}
