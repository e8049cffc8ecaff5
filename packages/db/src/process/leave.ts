import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/** A process that was stopped says so: nobody will miss it. */
export async function leave(db: Db, id: string): Promise<void> {
  await db.execute(sql`DELETE FROM process WHERE id = ${id}`)
}
