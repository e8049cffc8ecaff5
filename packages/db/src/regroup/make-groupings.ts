import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import type { DescribedKey, Inheritance } from './pointer-changes.ts'

/** A key that gets a grouping, and the issue that points at. */
export interface NewGrouping {
  keyHash: string
  issueId: number
  heirOf: number | null
}

interface Described {
  projectId: ProjectId
  described: ReadonlyMap<string, DescribedKey>
}

/**
 * Makes groupings without events, and gives their ids by the hashes of their keys. An heir has what it goes on with from the
 * beginning: an issue was not first seen later because the first events of its old key got another one.
 */
export async function makeGroupings(
  tx: Tx,
  { projectId, described }: Described,
  wanted: readonly NewGrouping[],
): Promise<ReadonlyMap<string, number>> {
  if (wanted.length === 0) return new Map()
  const rows = wanted.map(({ keyHash, issueId, heirOf }) => {
    const key = described.get(keyHash)
    if (key === undefined) throw new Error('a grouping is to be made of a key nobody has described')
    const { mechanism, key: text, parts } = key
    return { key_hash: `\\x${keyHash}`, issue_id: issueId, adopted_from: heirOf, mechanism, key: text, parts }
  })
  const made = await tx.execute<{ id: string; key_hash: string }>(sql`
    INSERT INTO grouping (
      project_id, key_hash, issue_id, mechanism, key, parts, adopted_from, first_seen, first_release, first_release_at
    )
    SELECT ${projectId}::bigint, r.key_hash, r.issue_id, r.mechanism, r.key, r.parts, r.adopted_from,
      former.first_seen, former.first_release, former.first_release_at
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(
      key_hash bytea, issue_id bigint, adopted_from bigint, mechanism text, key text, parts jsonb
    )
    LEFT JOIN grouping AS former ON former.project_id = ${projectId} AND former.id = r.adopted_from
    RETURNING id, encode(key_hash, 'hex') AS key_hash`)
  return new Map(made.map((row) => [row.key_hash, Number(row.id)]))
}

/** The same for heirs that were there: a key that took over an issue for its first event takes over from who has most of it. */
export async function passOn(tx: Tx, projectId: ProjectId, inherits: readonly Inheritance[]): Promise<void> {
  if (inherits.length === 0) return
  const rows = inherits.map(({ groupingId, heirOf }) => ({ id: groupingId, adopted_from: heirOf }))
  await tx.execute(sql`
    UPDATE grouping
    SET
      adopted_from = r.adopted_from,
      first_seen = least(grouping.first_seen, former.first_seen),
      first_release = CASE
        WHEN former.first_release IS NULL THEN grouping.first_release
        WHEN (former.first_release_at, former.first_release COLLATE "C")
          > (grouping.first_release_at, grouping.first_release COLLATE "C") THEN grouping.first_release
        ELSE former.first_release
      END,
      first_release_at = least(grouping.first_release_at, former.first_release_at)
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS r(id bigint, adopted_from bigint)
    LEFT JOIN grouping AS former ON former.project_id = ${projectId} AND former.id = r.adopted_from
    WHERE grouping.project_id = ${projectId} AND grouping.id = r.id`)
}
