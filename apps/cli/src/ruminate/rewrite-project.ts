import type { Db, Tx } from '@rumen/db/connect'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { type ArchivesOfDay, countArchives } from '@rumen/db/rumination/page-hashes'
import { createSessionDays } from '@rumen/db/session/session-days'
import type { DigestLimits } from '@rumen/digest/digest-archive'
import type { ProjectId } from '@rumen/protocol/brand'
import { createDimensionIds } from '@rumen/rows/dimension-ids'
import { createGroupingConfigs } from '@rumen/rows/grouping-configs'
import { createGroupingIds } from '@rumen/rows/grouping-ids'
import { type DigestedChunk, digestChunks } from './digest-chunks.ts'
import { type Example, examplesOf } from './examples.ts'
import { removeOrphans } from './remove-orphans.ts'
import { type ChunkRewriting, isSettled, planChunk, rewriteChunk, tallyOf } from './rewrite-chunk.ts'
import { addTallies, emptyTally, type Tally } from './tally.ts'
import { createUnwrittenIds } from './unwritten-ids.ts'

/** Where a run goes on. */
export interface Place {
  day: Day
  /** The hash of the last archive that is done; null: none of that day. */
  after: string | null
  /** Reports of the day's archives so far. */
  known: number
}

export interface ProjectRewriting {
  db: Db
  projectId: ProjectId
  /** Of the rules it is grouped by. */
  version: number
  /** Days with archives and reports, oldest first. */
  days: readonly Day[]
  /** The oldest day with reports. */
  reportsSince: Day
  groupingIds: readonly number[] | null
  /** Archives that came in later are not looked at. */
  before: Date
  limits: DigestLimits & { DEDUPE_DAYS: number }
  isDry: boolean
}

export interface RewritingWatch {
  /** A step will be done once this transaction commits: what is noted in it is noted with it. */
  onCommit(tally: Tally, place: Place, tx: Tx): Promise<void>
  /** A step is done. */
  onStep(tally: Tally, place: Place): Promise<void>
  /** `done` is the part of all archives that is behind it. */
  onProgress(done: number): void
  onExample(example: Example): void
}

/** Examples are few: a person reads them. */
const EXAMPLES_MAX = 20

/**
 * Digests the archives of a project again, oldest day first, and makes what is stored of them what they say today, chunk by
 * chunk; `isDry`: only says what would be done. Begins at a place, null for the beginning.
 */
export async function rewriteProject(
  rewriting: ProjectRewriting,
  from: Place | null,
  watch: RewritingWatch,
): Promise<void> {
  const { days } = rewriting
  const sizes = await countAll(rewriting)
  const all = sizes.reduce((sum, size) => sum + size, 0)
  let behind = 0
  for (const [at, day] of days.entries()) {
    const size = sizes[at] ?? 0
    if (from === null || day >= from.day) {
      const place = day === from?.day ? from : { day, after: null, known: 0 }
      const onHash = (hash: string) => watch.onProgress(all === 0 ? 1 : (behind + size * partOf(hash)) / all)
      await rewriteDay(rewriting, place, { ...watch, onHash })
    }
    behind += size
  }
}

async function countAll(rewriting: ProjectRewriting): Promise<readonly number[]> {
  const sizes: number[] = []
  for (const day of rewriting.days) sizes.push(await countArchives(rewriting.db, { ...rewriting, day }))
  return sizes
}

/** Hashes are spread evenly: how far one is tells how many are behind it. */
function partOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32
}

type DayWatch = RewritingWatch & { onHash(hash: string): void }

async function rewriteDay(rewriting: ProjectRewriting, from: Place, watch: DayWatch): Promise<void> {
  const { db, limits } = rewriting
  const ofDay: ArchivesOfDay = { ...rewriting, day: from.day }
  const digesting = { db, limits, configs: createGroupingConfigs(db) }
  const forChunks = rewritingOf(rewriting, from.day)
  let place = from
  for await (const chunk of digestChunks(digesting, ofDay, from.after)) {
    place = await rewriteNext(rewriting, { forChunks, chunk, place }, watch)
    watch.onHash(chunk.last)
  }
  const orphans = await removeOrphans({ ...digesting, ...rewriting, ofDay }, place.known)
  for (const { report } of orphans.examples) {
    watch.onExample({ item: report.eventId, what: 'report', old: 'stored', new: null })
  }
  const removed = orphans.removed === 0 ? {} : { report: orphans.removed }
  const tally = addTallies(emptyTally(), { removed, gone: orphans.gone })
  await watch.onStep(tally, { day: addDays(place.day, 1), after: null, known: 0 })
}

/** Values are used on the day whose archives name them: they go with that day's reports. */
function rewritingOf(
  { db, projectId, version, reportsSince, limits, isDry }: ProjectRewriting,
  day: Day,
): ChunkRewriting {
  const noon = () => new Date(`${day}T12:00:00Z`)
  const rememberedSince = addDays(dayOf(new Date()), 1 - limits.DEDUPE_DAYS)
  return {
    db,
    version,
    memory: { projectId, day, rememberedSince, reportsSince, dedupeDays: limits.DEDUPE_DAYS },
    dimensionIds: isDry ? createUnwrittenIds(db, noon) : createDimensionIds(db, noon),
    groupingIds: createGroupingIds(db),
    sessionDays: createSessionDays(db),
  }
}

async function rewriteNext(
  { db, projectId, isDry }: ProjectRewriting,
  { forChunks, chunk, place }: { forChunks: ChunkRewriting; chunk: DigestedChunk; place: Place },
  watch: DayWatch,
): Promise<Place> {
  const plan = await planChunk(forChunks, chunk.archives)
  const { known, leaving } = plan.difference.reports
  const looked = {
    archives: chunk.archives.length + chunk.unreadable,
    unreadable: chunk.unreadable,
    waiting: plan.waiting.size,
    events: known,
    leaving,
  }
  const next = { day: place.day, after: chunk.last, known: place.known + known }
  if (isDry) {
    const examples = await examplesOf(db, projectId, plan.difference, EXAMPLES_MAX)
    for (const example of examples) watch.onExample(example)
  }
  if (isDry || isSettled(plan)) {
    await watch.onStep(addTallies(tallyOf(plan.difference, plan.sessions), looked), next)
    return next
  }
  const reach = (written: Tally) => ({ ...next, known: next.known + (written.added.report ?? 0) })
  const written = await rewriteChunk(forChunks, plan, (tx, tally) => {
    return watch.onCommit(addTallies(tally, looked), reach(tally), tx)
  })
  await watch.onStep(addTallies(written, looked), reach(written))
  return reach(written)
}
