import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import type { Day } from '../partition/day.ts'

const KEPT_MS = 60 * 1000

/**
 * A reader of the days sessions can be written to, in their order, asked of the catalog at most once a minute: days are
 * made two weeks ahead, and none younger than `SESSION_PAST_MS_MAX` of the protocol may be dropped.
 */
export function createSessionDays(db: Db, now: () => number = Date.now): () => Promise<readonly Day[]> {
  let known: { days: readonly Day[]; at: number } | null = null
  return async () => {
    const at = now()
    if (known === null || at - known.at >= KEPT_MS) known = { days: await readDays(db), at }
    return known.days
  }
}

async function readDays(db: Db): Promise<readonly Day[]> {
  const rows = await db.execute<{ name: string }>(sql`
    SELECT relname AS name
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'session'::regclass AND NOT inhdetachpending
    ORDER BY relname`)
  return rows.map(({ name }) => name.slice(-8).replace(/(....)(..)(..)/, '$1-$2-$3'))
}

/**
 * The day whose partition takes a session that started on `day`: the first there is from then on, so that a new
 * server, which has no yesterday, takes what started before it, and keeps it long enough. Past the last, the last.
 */
export function dayFor(days: readonly Day[], day: Day): Day {
  const found = days.find((one) => one >= day) ?? days.at(-1)
  if (found === undefined) throw new Error('the table session has no partition')
  return found
}
