import { readArchives } from '@rumen/db/archive/read-archives'
import { insertRows } from '@rumen/db/insert-rows'
import { holdRules } from '@rumen/db/regroup/hold-rules'
import { readReports, type StoredReport } from '@rumen/db/regroup/read-reports'
import { forgetClaims, holdArchives } from '@rumen/db/rumination/change-items'
import { changeReports } from '@rumen/db/rumination/change-reports'
import { type ArchivesOfDay, countReports } from '@rumen/db/rumination/page-hashes'
import { readSuppressed } from '@rumen/db/suppressed/read-suppressed'
import { digest_error } from '@rumen/db/tables/outcome'
import type { ItemDigest, RejectedItem } from '@rumen/digest/item-digest'
import { type Ending, errorRows } from '@rumen/rows/ledger'
import type { Source } from '@rumen/rows/ready-batch'
import { correctLedger, endingOf } from './correct-ledger.ts'
import type { Digesting } from './digest-chunks.ts'
import { digestInTime } from './digest-in-time.ts'
import { isWhollySuppressed } from './missing-items.ts'

export interface OrphanSearch extends Digesting {
  ofDay: ArchivesOfDay
  version: number
  isDry: boolean
}

/** A report of an event its archive says nothing of. */
export interface Orphan {
  report: StoredReport
  archive: Source
  /** What stands in its place today. */
  instead: ItemDigest | null
}

export interface OrphansOfDay {
  removed: number
  /** The first of them. */
  examples: readonly Orphan[]
  /** Reports without an archive that can be read. */
  gone: number
}

/** Reports read at once. */
const PAGE = 500
const EXAMPLES_MAX = 20
const NONE: OrphansOfDay = { removed: 0, examples: [], gone: 0 }

/**
 * Removes the reports of a day whose archives are there and say nothing of their events any more, with all that was counted of
 * them. `known` reports have been found by their archives: if that is all there are, nothing is looked at.
 */
export async function removeOrphans(search: OrphanSearch, known: number): Promise<OrphansOfDay> {
  const { db, ofDay } = search
  if ((await countReports(db, ofDay)) <= known) return NONE
  let found = NONE
  let after: StoredReport['place'] | null = null
  for (;;) {
    const page: readonly StoredReport[] = await readReports(db, { ...ofDay, after, countMax: PAGE })
    const { removed, gone } = await removeOf(
      search,
      page.filter((report) => isOf(ofDay, report)),
    )
    found = {
      removed: found.removed + removed.length,
      examples: [...found.examples, ...removed].slice(0, EXAMPLES_MAX),
      gone: found.gone + gone,
    }
    after = page.at(-1)?.place ?? null
    if (page.length < PAGE) return found
  }
}

function isOf({ before, groupingIds }: ArchivesOfDay, { receivedAt, groupingId }: StoredReport): boolean {
  return receivedAt < before && (groupingIds === null || groupingIds.includes(groupingId))
}

async function removeOf(search: OrphanSearch, reports: readonly StoredReport[]) {
  const { orphans, gone } = await findOrphans(search, reports)
  if (search.isDry || orphans.length === 0) return { removed: orphans, gone }
  return { removed: await removeAll(search, orphans), gone }
}

async function findOrphans({ db, ofDay, configs, limits }: OrphanSearch, reports: readonly StoredReport[]) {
  const { projectId, day } = ofDay
  const byHash = Map.groupBy(reports, ({ hash }) => hash)
  const orphans: Orphan[] = []
  let read = 0
  const addresses = [...byHash.keys()].map((hash) => ({ projectId, day, hash }))
  for await (const archives of readArchives(db, addresses)) {
    await configs.learn(archives)
    const suppressed = await readSuppressed(db, archives)
    const digests = digestInTime(archives, configs.of, { limits })
    for (const [at, archive] of archives.entries()) {
      const [items, ofArchive] = [digests[at], byHash.get(archive.hash) ?? []]
      if (!items || isWhollySuppressed(suppressed, archive)) continue
      read += ofArchive.length
      const ids = new Set(items.flatMap((item) => (item.kind === 'event' ? [item.key] : [])))
      for (const report of ofArchive) {
        if (!ids.has(report.eventId)) orphans.push({ report, archive, instead: insteadOf(report, items) })
      }
    }
  }
  return { orphans, gone: reports.length - read }
}

function insteadOf({ itemIndex }: StoredReport, items: readonly ItemDigest[]): ItemDigest | null {
  return items.find((item) => item.kind === 'rejected' && (item.itemIndex ?? itemIndex) === itemIndex) ?? null
}

async function removeAll({ db, ofDay, version }: OrphanSearch, orphans: readonly Orphan[]): Promise<readonly Orphan[]> {
  const { projectId } = ofDay
  return await db.transaction(async (tx) => {
    await holdRules(tx, { projectId, version })
    const held = await holdArchives(tx, ofDay, [...new Set(orphans.map(({ report }) => report.hash))])
    const possible = orphans.filter(({ report }) => held.has(report.hash))
    const eventIds = possible.map(({ report }) => report.eventId)
    const changes = { ...ofDay, changed: [], added: [], removed: eventIds }
    await forgetClaims(tx, projectId, eventIds)
    const gone = new Set(await changeReports(tx, changes))
    const removed = possible.filter(({ report }) => gone.has(report.eventId))
    await insertRows(tx, digest_error, errorRows(rejectedOf(removed)))
    await correctLedger(tx, removed.flatMap(fateOf))
    return removed
  })
}

function rejectedOf(orphans: readonly Orphan[]) {
  const rejected = new Map<RejectedItem, Source>()
  for (const { archive, instead } of orphans) if (instead?.kind === 'rejected') rejected.set(instead, archive)
  return Array.from(rejected, ([item, archive]) => ({ archive, retryCount: 0, item }))
}

/** One stored less; one rejected more, or, for what is no item any more, unsupported. */
function fateOf({ archive, instead }: Orphan): readonly Ending[] {
  const itemType = instead?.itemType ?? 'event'
  const fate =
    instead?.kind === 'rejected'
      ? ({ outcome: 'rejected', reason: instead.code } as const)
      : ({ outcome: 'unsupported', reason: null } as const)
  return [endingOf(archive, itemType, { outcome: 'stored', reason: null }, -1), endingOf(archive, itemType, fate, 1)]
}
