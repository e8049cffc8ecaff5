import { addDays, dayOf } from '@rumen/db/partition/day'
import type { FoundProject } from '@rumen/db/project/find-projects'
import { firstDay } from '@rumen/db/retention/retention'
import type { ImportDatabase } from './import-database.ts'
import type { IncomingArchive } from './incoming.ts'
import type { Incoming } from './incoming-address.ts'
import { BrokenInputError } from './inflate-input.ts'
import { LineFault } from './line-fault.ts'
import type { CrashCacheLimits } from './read-crash-cache.ts'
import { type Line, readLine } from './read-line.ts'
import type { FileLine } from './read-lines.ts'
import type { Targets } from './targets.ts'

export interface Importing {
  lines: AsyncIterable<FileLine>
  targets: Targets
  database: Pick<ImportDatabase, 'keep'>
  /** For how many days archives are kept, today among them. */
  archiveDays: number
  limits: CrashCacheLimits
  /** Looked at for each line: an import may take days. */
  now: () => Date
  /** Told of each line that could not be imported; without a number of what is missing in the file. */
  onFault: (reason: string, line: number | null) => void
  onProgress: (imported: Imported) => void
}

/** Archives by what became of them. */
export interface Imported {
  read: number
  imported: number
  /** They were here before. */
  present: number
  skipped: {
    /** Older than archives are kept: they would be dropped at once, or their day was while the import ran. */
    expired: number
    /** Deleted here. */
    suppressed: number
  }
  /** Lines that could not be read, and files that were cut. */
  faults: number
}

const ROWS_MAX = 500
const BYTES_MAX = 8 * 1024 * 1024

/**
 * Imports every archive of the lines that can be read, a batch while the next one is being read. Running it again costs little:
 * what is here is known by its address. Throws CommandError where a project has nowhere to go, at the first line that says so.
 */
export async function importArchives(importing: Importing): Promise<Imported> {
  const counts: Imported = { read: 0, imported: 0, present: 0, skipped: { expired: 0, suppressed: 0 }, faults: 0 }
  const fault = (reason: string, line: number | null) => {
    counts.faults++
    importing.onFault(reason, line)
  }
  const section = createSection((reason) => fault(reason, null))
  const batches = createBatches(importing, counts, fault)
  const handle = async (line: Line, number: number) => {
    if (line.kind === 'head') {
      await importing.targets.expect(line.projects)
      return section.begin()
    }
    if (line.kind === 'end') return section.end(line.count)
    const target = await importing.targets.of(line.incoming.source)
    if (isExpired(line.incoming, target, importing)) counts.skipped.expired++
    else await batches.add(toIncoming(line.incoming, target), number)
  }
  try {
    for await (const { number, bytes } of importing.lines) {
      const line = readOrFault(bytes, importing)
      if (line instanceof LineFault || line.kind === 'archive') {
        counts.read++
        section.count()
      }
      if (line instanceof LineFault) fault(line.message, number)
      else await handle(line, number)
    }
  } catch (error) {
    if (!(error instanceof BrokenInputError)) throw error
    fault(error.message, null)
  } finally {
    await batches.finish()
  }
  section.close()
  return counts
}

function readOrFault(bytes: Buffer | null, { limits, now }: Importing): Line | LineFault {
  try {
    if (bytes === null) throw new LineFault('longer than MAX_COMPRESSED_PAYLOAD_BYTES allows')
    const line = readLine(bytes, limits)
    // The clock of a gateway may be ahead of this one, by little.
    if (line.kind === 'archive' && line.incoming.row.day > addDays(dayOf(now()), 1)) {
      throw new LineFault('received in the future')
    }
    return line
  } catch (error) {
    if (error instanceof LineFault) return error
    throw error
  }
}

function toIncoming({ row, wholeHash }: IncomingArchive, { id, priority }: FoundProject): Incoming {
  return { row: { ...row, projectId: id }, wholeHash, priority }
}

function isExpired(
  { row }: IncomingArchive,
  { retentionDays }: FoundProject,
  { archiveDays, now }: Importing,
): boolean {
  const today = dayOf(now())
  return row.day < firstDay(today, Math.min(archiveDays, retentionDays ?? archiveDays))
}

/** Whether a file that begins with a first line has all its lines, to the last. */
function createSection(onMissing: (reason: string) => void) {
  let lines: number | null = null
  const close = () => {
    if (lines !== null) onMissing(`the file was cut: it ends after ${lines} archives, without its last line`)
    lines = null
  }
  return {
    begin() {
      close()
      lines = 0
    },
    count() {
      if (lines !== null) lines++
    },
    end(count: number) {
      if (lines !== null && lines !== count) onMissing(`the file has ${lines} archives, and once had ${count}`)
      lines = null
    },
    close,
  }
}

interface Numbered {
  incoming: Incoming
  line: number
}

/** Gathers a batch while the one before it is being kept. */
function createBatches(
  { database, onProgress }: Importing,
  counts: Imported,
  fault: (reason: string, line: number) => void,
) {
  let batch: Numbered[] = []
  let bytes = 0
  let keeping: Promise<void> = Promise.resolve()

  async function keep(all: readonly Numbered[]): Promise<void> {
    const kept = await database.keep(all.map(({ incoming }) => incoming))
    for (const [at, { line }] of all.entries()) {
      const became = kept[at]
      if (became === 'imported') counts.imported++
      else if (became === 'present') counts.present++
      else if (became === 'suppressed') counts.skipped.suppressed++
      else if (became === 'expired') counts.skipped.expired++
      else fault('the database refuses it', line)
    }
    onProgress(counts)
  }

  async function send(): Promise<void> {
    await keeping
    const all = batch
    batch = []
    bytes = 0
    if (all.length === 0) return
    keeping = keep(all)
    // Whoever waits for it next is told; until then it is nobody's.
    keeping.catch(() => undefined)
  }

  return {
    async add(incoming: Incoming, line: number): Promise<void> {
      batch.push({ incoming, line })
      bytes += incoming.row.body.length
      if (batch.length >= ROWS_MAX || bytes >= BYTES_MAX) await send()
    },
    async finish(): Promise<void> {
      await send()
      await keeping
    },
  }
}
