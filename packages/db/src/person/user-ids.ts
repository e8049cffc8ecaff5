import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { isNamed } from './find-person.ts'
import type { Person } from './person.ts'

/** The rows of `dim_user` that name the person. */
export async function userIdsOf(db: Db, person: Person): Promise<readonly number[]> {
  const rows = await db.execute<{ id: string }>(
    sql`SELECT u.id FROM dim_user AS u WHERE ${isNamed(person)} ORDER BY u.id`,
  )
  return rows.map(({ id }) => Number(id))
}
