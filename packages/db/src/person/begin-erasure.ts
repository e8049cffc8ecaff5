import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { transact } from '../transact.ts'
import { isNamed } from './find-person.ts'
import { type Person, subjectHash } from './person.ts'

/** Rows by what they were. */
export type Counts = Readonly<Record<string, number>>

/** An erasure that goes on. */
export interface Erasure {
  person: Person
  id: number
  /** What came in later is not looked for. */
  requestedAt: Date
  /** Rows of `dim_user` that named the person when it began. */
  userIds: readonly number[]
}

/**
 * Begins to erase a person, or takes up an erasure of the same name that was not finished, under its old receipt.
 *
 * The rows that name the person get other keys: who writes their next event makes a new row. The receipt's number, a new one
 * each time, tells workers to forget what they remember of rows: so none of them uses an old row for long.
 */
export async function beginErasure(db: Db, person: Person): Promise<Erasure> {
  const { projectId, name } = person
  const subject = sql`decode(${subjectHash(projectId, name)}, 'hex')`
  return await transact(db, async (tx) => {
    const [begun] = await tx.execute<{ requested: string; erased: object }>(sql`
      DELETE FROM erasure
      WHERE project_id = ${projectId} AND subject_hash = ${subject} AND finished_at IS NULL
      RETURNING requested_at::text AS requested, erased`)
    const [receipt] = await tx.execute<{ id: string; requested_ms: number }>(sql`
      INSERT INTO erasure (project_id, subject_hash, requested_at, erased)
      VALUES (${projectId}, ${subject}, coalesce(${begun?.requested ?? null}::timestamptz, now()),
        ${JSON.stringify(begun?.erased ?? {})}::text::jsonb)
      RETURNING id, (extract(epoch FROM requested_at) * 1000)::float8 AS requested_ms`)
    if (!receipt) throw new Error('an erasure was left without its receipt')
    const users = await tx.execute<{ id: string }>(sql`
      UPDATE dim_user AS u SET key = gen_random_uuid() WHERE ${isNamed(person)} RETURNING u.id`)
    return {
      person,
      id: Number(receipt.id),
      requestedAt: new Date(receipt.requested_ms),
      userIds: users.map((user) => Number(user.id)),
    }
  })
}

/** Adds to what the receipt says, in the transaction in which it is so. */
export async function noteErased(tx: Tx, { person, id }: Erasure, counts: Counts): Promise<void> {
  const more = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  if (Object.keys(more).length === 0) return
  await tx.execute(sql`
    UPDATE erasure
    SET erased = (
      SELECT jsonb_object_agg(what, coalesce((erased->>what)::bigint, 0) + coalesce((more.counts->>what)::bigint, 0))
      FROM jsonb_object_keys(erased || more.counts) AS what
    )
    FROM (SELECT ${JSON.stringify(more)}::text::jsonb AS counts) AS more
    WHERE project_id = ${person.projectId} AND id = ${id}`)
}
