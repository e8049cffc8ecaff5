import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'

/** Notes how far a run has come, in the transaction that got it there. */
export async function noteProgress(db: Db | Tx, id: number, progress: object): Promise<void> {
  await db.execute(sql`
    UPDATE rumination SET progress = ${JSON.stringify(progress)}::jsonb, beat_at = now() WHERE id = ${id}`)
}

/** Notes that a run has come to its end: the same again begins anew. */
export async function finishRumination(db: Db, id: number, progress: object): Promise<void> {
  await db.execute(sql`
    UPDATE rumination SET progress = ${JSON.stringify(progress)}::jsonb, beat_at = now(), finished_at = now()
    WHERE id = ${id}`)
}
