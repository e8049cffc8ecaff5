import { hash } from 'node:crypto'
import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { columnList, recordset } from '../recordset.ts'
import type { Dimension } from './dimensions.ts'

export type Scalar = string | number | null

/** One value of a dimension: what its columns hold, in their order. */
export interface DimensionValue {
  /** Ignored by shared vocabularies. */
  projectId: ProjectId
  values: readonly Scalar[]
}

// A worker that inserts the same value at the same moment makes one more look necessary, rarely two.
const LOOKS_MAX = 5

/**
 * Ids of the values, in their order, all of them committed: missing ones are inserted first, in key order so that two
 * workers cannot deadlock, and only where missing so that no identity is burnt. One statement however many values.
 */
export async function resolveValues(
  db: Db,
  dimension: Dimension,
  wanted: readonly DimensionValue[],
): Promise<readonly number[]> {
  const keys = wanted.map(({ projectId, values }) => addressOf(dimension, projectId, keyOf(values)))
  const rows = wanted.map(({ projectId, values }) => ({
    project_id: projectId,
    key: keyOf(values),
    ...Object.fromEntries(dimension.columns.map((column, at) => [column, values[at] ?? null])),
  }))
  const ids = new Map<string, number>()
  for (let look = 1; look <= LOOKS_MAX; look++) {
    for (const row of await db.execute<FoundValue>(insertMissing(dimension, rows))) {
      ids.set(addressOf(dimension, row.project_id, row.key), Number(row.id))
    }
    if (keys.every((key) => ids.has(key))) return keys.map((key) => ids.get(key) ?? 0)
  }
  throw new Error(`values of ${dimension.columns.join(', ')} vanished while they were being written`)
}

interface FoundValue extends Record<string, unknown> {
  id: string
  key: string
  project_id: string
}

function insertMissing({ table, columns, perProject }: Dimension, rows: readonly Record<string, unknown>[]): SQL {
  const all = [...(perProject ? ['project_id'] : []), 'key', ...columns]
  const same = perProject ? sql.raw('d.project_id = r.project_id AND d.key = r.key') : sql.raw('d.key = r.key')
  const address = sql.raw(perProject ? 'project_id, key' : '0 AS project_id, key')
  return sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM ${recordset(table, all, rows)}
    ),
    inserted AS (
      INSERT INTO ${table} (${columnList(all)})
      SELECT DISTINCT ON (${sql.raw(perProject ? 'r.project_id, r.key' : 'r.key')}) ${columnList(all, 'r.')}
      FROM r
      WHERE NOT EXISTS (SELECT FROM ${table} AS d WHERE ${same})
      ORDER BY ${sql.raw(perProject ? 'r.project_id, r.key' : 'r.key')}
      ON CONFLICT DO NOTHING
      RETURNING id, ${address}
    )
    SELECT id, project_id, key FROM inserted
    UNION ALL
    SELECT d.id, ${sql.raw(perProject ? 'd.project_id' : '0')}, d.key FROM ${table} AS d JOIN r ON ${same}`
}

function addressOf({ perProject }: Dimension, projectId: string, key: string): string {
  return perProject ? `${projectId} ${key}` : key
}

/** 16 bytes of the SHA-256 of the columns, as a UUID. Nulls are told from empty texts. */
function keyOf(values: readonly Scalar[]): string {
  const hex = hash('sha256', JSON.stringify(values), 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}
