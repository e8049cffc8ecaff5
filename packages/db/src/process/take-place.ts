import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { ProcessIdentity } from './beat.ts'

/**
 * A process that starts takes the place of one of its role on its host that died without a word, so that one that was killed
 * and started again is not missed. Of several it is the one that was silent longest: the others stay missed. `isGone` says
 * whether a process of this host has ended.
 */
export async function takePlace(
  db: Db,
  { role, host }: Pick<ProcessIdentity, 'role' | 'host'>,
  isGone: (pid: number) => boolean,
): Promise<void> {
  const rows = await db.execute<{ id: string; pid: number }>(sql`
    SELECT id, pid FROM process WHERE role = ${role} AND host = ${host} ORDER BY beat_at`)
  // Of two that start at once each takes a place of its own.
  for (const { id } of rows.filter(({ pid }) => isGone(pid))) {
    const taken = await db.execute(sql`DELETE FROM process WHERE id = ${id} RETURNING id`)
    if (taken.length > 0) return
  }
}
