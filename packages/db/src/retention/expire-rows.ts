import { type SQL, sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Db } from '../connect.ts'
import { addDays, type Day, dayOf } from '../partition/day.ts'
import { oldestDay } from '../partition/oldest-day.ts'
import { seen } from '../tables/archive.ts'
import { suppressed } from '../tables/erasure.ts'
import { client_discard_hour } from '../tables/item.ts'
import { rumination } from '../tables/operation.ts'
import { digest_attempt, digest_error, outcome_hour } from '../tables/outcome.ts'
import { session_user_hour } from '../tables/session.ts'
import { firstDay, type Retention } from './retention.ts'
import { sweepRows } from './sweep-rows.ts'

/** Finished work is shown for so long. */
const RUMINATION_DAYS = 90

/**
 * Deletes what is not partitioned and has its time: what was seen, the ledger by the hour, errors and attempts of the digest,
 * sessions by user, what must not come back of archives that are gone, work that was finished long ago. What is counted of
 * issues, and of sessions, stays for good. Call it once a day; gives the number of rows deleted.
 */
export async function expireRows(
  db: Db,
  { retention, now }: { retention: Retention; now: Date },
  signal?: AbortSignal,
): Promise<number> {
  const oldest = await oldestDay(db, ['archive'])
  let total = 0
  for (const [table, isOver] of expiring(retention, { now, oldest }))
    total += await sweepRows(db, table, isOver, signal)
  return total
}

/** `oldest`: the oldest day of which there are archives. Some stay longer than their time, while one of them waits to be digested. */
function expiring(
  { archiveDays, sessionDays, ledgerDays, dedupeDays }: Retention,
  { now, oldest }: { now: Date; oldest: Day | null },
): [PgTable, SQL][] {
  const today = dayOf(now)
  const beforeArchives = (days: number) => sql`day < least(${firstDay(today, days)}::date, ${oldest}::date)`
  const before = (days: number) => sql`day < ${firstDay(today, days)}`
  const hourBefore = (days: number) => sql`hour < ${`${firstDay(today, days)}T00:00:00Z`}`
  return [
    [seen, before(dedupeDays)],
    // Without its archive nobody could look what was wrong with it, or digest it again.
    [digest_error, before(Math.min(ledgerDays, archiveDays))],
    [digest_attempt, beforeArchives(archiveDays)],
    // One more day than archives: whoever reads one just now must not find that nothing is suppressed.
    [suppressed, beforeArchives(archiveDays + 1)],
    [outcome_hour, hourBefore(ledgerDays)],
    [client_discard_hour, hourBefore(ledgerDays)],
    [session_user_hour, hourBefore(sessionDays)],
    [rumination, sql`finished_at < ${`${addDays(today, -RUMINATION_DAYS)}T00:00:00Z`}`],
  ]
}
