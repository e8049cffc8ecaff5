import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { userKey } from '../session/write-sessions.ts'
import { transact } from '../transact.ts'
import { type Erasure, noteErased } from './begin-erasure.ts'
import { namesOf, type Person } from './person.ts'

/**
 * Erases the sessions SDKs sent under one of the person's names, and what each hour says of their users. How many sessions an
 * hour had stays: that is a count.
 */
export async function eraseSessions(db: Db, erasure: Erasure): Promise<void> {
  const isTheirs = isSessionOf(erasure.person)
  await transact(db, async (tx) => {
    const sessions = await tx.execute(sql`DELETE FROM session WHERE ${isTheirs}`)
    const hours = await tx.execute(sql`DELETE FROM session_user_hour WHERE ${isTheirs}`)
    await noteErased(tx, erasure, { session: sessions.count, session_user_hour: hours.count })
  })
}

/** Which rows of the tables of sessions are the person's, as a condition. */
export function isSessionOf(person: Person) {
  const keys = namesOf(person).map((name) => userKey(person.projectId, name))
  return sql`project_id = ${person.projectId}::bigint
    AND did IN (SELECT json_array_elements_text(${JSON.stringify(keys)}::json)::uuid)`
}
