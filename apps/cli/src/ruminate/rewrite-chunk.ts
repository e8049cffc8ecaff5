import { archiveAddress } from '@rumen/db/archive/read-archives'
import type { Db, Tx } from '@rumen/db/connect'
import type { Day } from '@rumen/db/partition/day'
import { holdRules } from '@rumen/db/regroup/hold-rules'
import { holdArchives } from '@rumen/db/rumination/change-items'
import { mergeSessions } from '@rumen/db/session/write-sessions'
import { isVictim, PassingError } from '@rumen/db/sql-state'
import { findUndigested } from '@rumen/db/where/find-jobs'
import type { Kept } from '@rumen/digest/item-digest'
import { DEAD_QUEUE, DIGEST_QUEUES } from '@rumen/queue/digest-queue'
import type { DimensionIds } from '@rumen/rows/dimension-ids'
import type { GroupingIds } from '@rumen/rows/grouping-ids'
import type { Source } from '@rumen/rows/ready-batch'
import { issueBegunBy, resolveNames } from '@rumen/rows/resolve-batch'
import { sessionsOf } from '@rumen/rows/session-rows'
import { type ChunkDifference, compareChunk, isEmpty, type NamedChunk } from './compare-chunk.ts'
import type { DigestedArchive } from './digest-chunks.ts'
import type { AddedItem, Memory } from './missing-items.ts'
import { addTallies, countNames, emptyTally, type Tally } from './tally.ts'
import { writeChunk } from './write-chunk.ts'

export interface ChunkRewriting {
  db: Db
  memory: Memory
  /** Of the rules the project is grouped by. */
  version: number
  dimensionIds: DimensionIds
  groupingIds: GroupingIds
  sessionDays: () => Promise<readonly Day[]>
}

/** What is to be done about a chunk, before anything of it is written. */
export interface ChunkPlan {
  chunk: NamedChunk
  difference: ChunkDifference
  /** Sessions that say something else once their updates are merged again. */
  sessions: number
  /** Archives nobody has digested yet, by their hashes: what is missing of them is on its way. */
  waiting: ReadonlySet<string>
}

/** Dimension values that are missing are made and committed; nothing else is written. */
export async function planChunk(rewriting: ChunkRewriting, archives: readonly DigestedArchive[]): Promise<ChunkPlan> {
  const { db, memory } = rewriting
  const chunk = { archives, ...(await resolveNames(rewriting.dimensionIds, archives.flatMap(keptOf))) }
  const difference = await compareChunk(db, memory, chunk)
  const waiting = await findWaiting(db, difference.added)
  if (waiting.size === 0) return { chunk, difference, sessions: await countMerged(rewriting, difference), waiting }
  const digested = without(chunk, waiting)
  const again = await compareChunk(db, memory, digested)
  return { chunk: digested, difference: again, sessions: await countMerged(rewriting, again), waiting }
}

/**
 * Writes what a plan says, as things stand once the rules and the archives are held. `note` is called at the end of the
 * transaction. Gives what was done.
 */
export async function rewriteChunk(
  rewriting: ChunkRewriting,
  plan: ChunkPlan,
  note: (tx: Tx, tally: Tally) => Promise<void>,
): Promise<Tally> {
  const { db, memory, version } = rewriting
  const [hashes, days] = [hashesOf(plan), await rewriting.sessionDays()]
  return await untilItSucceeds(rewriting, async () => {
    const groupingIds = await resolveGroupings(rewriting, plan)
    return await db.transaction(async (tx) => {
      await holdRules(tx, { projectId: memory.projectId, version })
      const held = await holdArchives(tx, memory, [...hashes])
      const chunk = part(plan.chunk, ({ hash }) => held.has(hash))
      const difference = await compareChunk(tx, memory, chunk)
      const written = await writeChunk(tx, { memory, chunk, difference, groupingIds, sessionDays: days })
      const tally = tallyOf({ ...difference, added: written.added }, written.sessions)
      await note(tx, tally)
      return tally
    })
  })
}

/** What a difference comes to. How many events were looked at is not in it. */
export function tallyOf({ reports, items, added, cured }: ChunkDifference, sessions: number): Tally {
  const rows = [
    ...reports.changed.map(({ stored }) => ({ table: 'report', stored })),
    ...items.flatMap(({ table, changed }) => changed.map(({ stored }) => ({ table, stored }))),
  ]
  const tables = [...rows.map(({ table }) => table), ...new Array<string>(sessions).fill('session')]
  return addTallies(emptyTally(), {
    cured: cured.length,
    changed: countNames(tables),
    added: countNames(added.map(({ item }) => (item.kind === 'event' ? 'report' : item.kind))),
    removed: countNames(items.flatMap(({ table, removed }) => removed.map(() => table))),
    columns: countNames(rows.flatMap(({ table, stored }) => Object.keys(stored).map((column) => `${table}.${column}`))),
  })
}

/** Whether there is nothing to write. */
export function isSettled({ difference, sessions }: ChunkPlan): boolean {
  return sessions === 0 && isEmpty(difference)
}

/** The first item of each key: one that comes twice in an archive is counted once. */
function keptOf({ archive, items }: DigestedArchive) {
  const { projectId, day, hash, receivedAt } = archive
  const source: Source = { projectId, day, hash, receivedAt }
  const met = new Set<string>()
  return items.flatMap((item) => {
    if (!('key' in item) || met.has(item.key)) return []
    met.add(item.key)
    return [{ archive: source, item }]
  })
}

async function findWaiting(db: Db, added: readonly AddedItem[]): Promise<ReadonlySet<string>> {
  const archives = new Map(added.map(({ archive }) => [archiveAddress(archive), archive]))
  if (archives.size === 0) return new Set()
  const queues = { digest: DIGEST_QUEUES, dead: DEAD_QUEUE }
  const waiting = await db.transaction((tx) => findUndigested(tx, queues, [...archives.values()]))
  return new Set(archives.values().flatMap((one) => (waiting.has(archiveAddress(one)) ? [one.hash] : [])))
}

async function countMerged({ db, sessionDays }: ChunkRewriting, { sessions }: ChunkDifference): Promise<number> {
  if (sessions.length === 0) return 0
  const batch = sessionsOf(sessions, [], await sessionDays())
  const merged = await db.transaction((tx) => mergeSessions(tx, batch))
  return merged.filter(({ isNew, hasChanged }) => !isNew && hasChanged).length
}

/** The groupings of events that are to get a report; what nobody has seen becomes an issue. */
async function resolveGroupings({ groupingIds }: ChunkRewriting, { difference }: ChunkPlan) {
  const events = difference.added.filter(isEvent)
  const ids = await groupingIds.resolve(events.map(issueBegunBy))
  return new Map(events.flatMap(({ item }, at) => (ids[at] === undefined ? [] : [[item.key, ids[at]] as const])))
}

function isEvent(one: AddedItem): one is AddedItem & { item: Kept<'event'> } {
  return one.item.kind === 'event'
}

/** Archives something is to be written of. */
function hashesOf({ difference, sessions }: ChunkPlan): ReadonlySet<string> {
  const { reports, items, added, cured } = difference
  return new Set([
    ...reports.changed.map(({ event }) => event.archive.hash),
    ...items.flatMap(({ changed, removed }) => [
      ...changed.map(({ item }) => item.archive.hash),
      ...removed.map(({ hash }) => hash),
    ]),
    ...added.map(({ archive }) => archive.hash),
    ...cured.map(({ hash }) => hash),
    ...(sessions === 0 ? [] : difference.sessions.map(({ archive }) => archive.hash)),
  ])
}

function without(chunk: NamedChunk, hashes: ReadonlySet<string>): NamedChunk {
  return part(chunk, ({ hash }) => !hashes.has(hash))
}

function part({ archives, events, items }: NamedChunk, isIn: (archive: Source) => boolean): NamedChunk {
  return {
    archives: archives.filter(({ archive }) => isIn(archive)),
    events: events.filter(({ archive }) => isIn(archive)),
    items: items.filter(({ archive }) => isIn(archive)),
  }
}

/** Tries there are when another transaction got in the way: a worker that locks the same rows, an issue that was deleted. */
const ATTEMPTS_MAX = 5

async function untilItSucceeds<Result>({ groupingIds }: ChunkRewriting, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !(isVictim(error) || error instanceof PassingError)) throw error
      groupingIds.forget()
    }
  }
}
