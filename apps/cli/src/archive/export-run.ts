import { hash } from 'node:crypto'
import { archiveDays } from '@rumen/db/archive/archive-days'
import { pageArchives, type StoredArchive } from '@rumen/db/archive/page-archives'
import type { Connection } from '@rumen/db/connect'
import { readSuppressed } from '@rumen/db/suppressed/read-suppressed'
import type { ExportPlace } from './export-place.ts'
import { archiveLine, endLine, headLine } from './line.ts'
import { withoutSuppressed } from './without-suppressed.ts'

/** Where lines go. Takes them one call after the other. */
export interface LineSink {
  /** Everything up to `place` is in the text, or was before. */
  write(text: string, place: ExportPlace): Promise<void>
  /** The last of it. */
  end(text: string): Promise<void>
}

export interface Exporting {
  connection: Pick<Connection, 'db' | 'sql'>
  sink: LineSink
  /** Where it begins. */
  from: ExportPlace
  /** It stands in the middle of a file: that has its first line. */
  isResumed: boolean
  decodedBytesMax: number
  onProgress: (progress: { place: ExportPlace; fraction: number }) => void
  onDamaged: (archive: StoredArchive) => void
}

/**
 * Writes the archives of the projects day by day in the order of their receipt, with a first and a last line. Of every day what is there
 * when it is begun; what comes meanwhile is for the next export. Memory does not grow with their number.
 */
export async function exportArchives(exporting: Exporting): Promise<ExportPlace> {
  const { connection, sink, from, isResumed } = exporting
  const { scope, projects } = from
  let place = from
  if (!isResumed) await sink.write(headLine(projects), place)
  const days = await archiveDays(connection.db, { ...scope, since: place.day ?? scope.since })
  for (const [at, day] of days.entries()) {
    const after = day === from.day ? from.last : null
    for await (const page of pageArchives(connection, { day, projectIds: projects.map(({ id }) => id), after })) {
      const { text, counts } = await linesOf(exporting, page.archives, place)
      const { projectId, hash: lastHash, receivedAt } = page.last
      place = { scope, projects, day, last: { projectId, hash: lastHash, receivedAt }, counts }
      await sink.write(text, place)
      exporting.onProgress({ place, fraction: (at + page.read / page.count) / days.length })
    }
  }
  await sink.end(endLine(place.counts.archives))
  return place
}

async function linesOf(
  { connection, decodedBytesMax, onDamaged }: Exporting,
  archives: readonly StoredArchive[],
  { projects, counts: before }: ExportPlace,
) {
  const suppressed = await readSuppressed(connection.db, archives)
  const slugs = new Map(projects.map(({ id, slug }) => [id, slug]))
  const counts = { ...before }
  let text = ''
  for (const archive of archives) {
    if (hash('sha256', archive.body) !== archive.hash) {
      counts.damaged++
      onDamaged(archive)
      continue
    }
    const left = withoutSuppressed(archive, suppressed, decodedBytesMax)
    if (left === null) {
      counts.suppressed++
      continue
    }
    counts.archives++
    if (left !== archive) counts.rewritten++
    text += archiveLine(left, slugs.get(archive.projectId) ?? '', archive.hash)
  }
  return { text, counts }
}
