import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** A run that was begun, by its number, and how far it has come; null: not at all. */
export interface BegunRumination<Progress> {
  id: number
  progress: Progress | null
  startedAt: Date
}

/**
 * Takes up the run of this scope that stopped before its end, or begins one; `anew`, and what nobody can go on with any more,
 * leaves what stopped where it is, for good. Scopes are the same when they are the same JSON, in whatever order their keys
 * stand.
 */
export async function beginRumination<Progress extends object>(
  db: Db,
  { scope, anew, canGoOn }: { scope: object; anew: boolean; canGoOn: (progress: Progress) => boolean },
): Promise<BegunRumination<Progress>> {
  const [stopped] = await db.execute<RuminationRecord<Progress>>(sql`
    SELECT id, progress, (extract(epoch FROM started_at) * 1000)::float8 AS started_ms
    FROM rumination
    WHERE finished_at IS NULL AND scope = ${JSON.stringify(scope)}::jsonb
    ORDER BY id DESC
    LIMIT 1`)
  if (stopped !== undefined && !anew && stopped.progress !== null && canGoOn(stopped.progress)) return begunOf(stopped)
  return await db.transaction(async (tx) => {
    await tx.execute(sql`DELETE FROM rumination WHERE scope = ${JSON.stringify(scope)}::jsonb`)
    const [row] = await tx.execute<RuminationRecord<Progress>>(sql`
      INSERT INTO rumination (scope, progress) VALUES (${JSON.stringify(scope)}::jsonb, 'null')
      RETURNING id, progress, (extract(epoch FROM started_at) * 1000)::float8 AS started_ms`)
    if (row === undefined) throw new Error('a run that was begun left no row')
    return begunOf(row)
  })
}

interface RuminationRecord<Progress> extends Record<string, unknown> {
  id: string
  progress: Progress | null
  started_ms: number
}

function begunOf<Progress>({ id, progress, started_ms }: RuminationRecord<Progress>): BegunRumination<Progress> {
  return { id: Number(id), progress, startedAt: new Date(started_ms) }
}
