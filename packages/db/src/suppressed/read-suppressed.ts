import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { suppressed } from '../tables/erasure.ts'

/** Why an item must not come back. */
export type SuppressedReason = 'issue_deleted' | 'person_erased'

/** The items of some archives that must not come back. */
export interface Suppressed {
  isSuppressed(archive: ArchiveAddress, itemIndex: number): boolean
  /** Null: it may come back. */
  reasonOf(archive: ArchiveAddress, itemIndex: number): SuppressedReason | null
}

/** Stands for every item of an archive. */
export const WHOLE_ARCHIVE = -1

/** What is suppressed of these archives: one query, which looks each of them up in an index, and none for none. */
export async function readSuppressed(db: Db | Tx, archives: readonly ArchiveAddress[]): Promise<Suppressed> {
  const reasons = archives.length === 0 ? NOTHING : await readReasons(db, archives)
  const reasonOf = (archive: ArchiveAddress, itemIndex: number) => {
    if (reasons.size === 0) return null
    return reasons.get(itemAddress(archive, WHOLE_ARCHIVE)) ?? reasons.get(itemAddress(archive, itemIndex)) ?? null
  }
  return { reasonOf, isSuppressed: (archive, itemIndex) => reasonOf(archive, itemIndex) !== null }
}

const NOTHING: ReadonlyMap<string, SuppressedReason> = new Map()

async function readReasons(
  db: Db | Tx,
  archives: readonly ArchiveAddress[],
): Promise<ReadonlyMap<string, SuppressedReason>> {
  const wanted = archives.map(({ projectId, day, hash }) => ({
    project_id: projectId,
    day,
    archive_hash: `\\x${hash}`,
  }))
  const rows = await db.execute<SuppressedRecord>(sql`
    SELECT s.project_id, s.day::text AS day, encode(s.archive_hash, 'hex') AS hash, s.item_index, s.reason
    FROM ${recordset(suppressed, ['project_id', 'day', 'archive_hash'], wanted)}
    JOIN suppressed AS s ON s.project_id = r.project_id AND s.day = r.day AND s.archive_hash = r.archive_hash`)
  return new Map(
    rows.map(({ project_id, item_index, reason, ...place }) => [
      itemAddress({ projectId: project_id, ...place }, item_index),
      reason,
    ]),
  )
}

interface SuppressedRecord extends Record<string, unknown> {
  project_id: ProjectId
  day: string
  hash: string
  item_index: number
  reason: SuppressedReason
}

function itemAddress({ projectId, day, hash }: ArchiveAddress, itemIndex: number): string {
  return `${projectId} ${day} ${hash} ${itemIndex}`
}
