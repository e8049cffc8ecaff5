import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { addDays, type Day, dayOf } from '../partition/day.ts'
import { listDays } from '../partition/list-days.ts'
import { daysOf, firstDay, type Retention } from './retention.ts'

/** More days than usual that are due to be dropped at once. */
export interface LargeDrop {
  days: number
  newestDay: Day
  /** From when on they are dropped without anybody's word. */
  dueAt: Date
}

/** Of one table: a day goes each day, and a few more after a weekend on which no worker ran. */
const DAYS_MAX = 3
const GRACE_MS = 24 * 60 * 60 * 1000

/**
 * Whether what is over has to wait: more than three days of a table at once are due only when a setting was changed or forgotten, a
 * clock is wrong, or nobody ran for long. For the first two of them nobody should pay with a year's events, so these days wait for
 * one more, or until `confirmLargeDrop`; put right meanwhile, nothing happened. Null: it may be dropped. Call it every hour, and before
 * each upkeep that deletes by age.
 */
export async function holdLargeDrop(
  db: Db,
  { retention, now }: { retention: Retention; now: Date },
): Promise<LargeDrop | null> {
  const large = [...(await daysOver(db, { retention, now }))].filter(([, days]) => days.length > DAYS_MAX)
  if (large.length === 0) {
    await db.execute(sql`DELETE FROM large_drop`)
    return null
  }
  const days = Math.max(...large.map(([, ofTable]) => ofTable.length))
  const newest = Object.fromEntries(large.map(([table, ofTable]) => [table, ofTable.at(-1) ?? '']))
  const known = await readRow(db)
  // As time goes by a few days more are over. What is more than that, or of another table, is not what anybody agreed to.
  const isAgreed = Object.entries(newest).every(
    ([table, day]) => day <= addDays(known?.newest[table] ?? EARLIEST, DAYS_MAX),
  )
  const dueAt = known && isAgreed ? known.dueAt : new Date(now.getTime() + GRACE_MS)
  await db.execute(sql`
    INSERT INTO large_drop (due_at, days, newest) VALUES (${dueAt.toISOString()}, ${days}, ${JSON.stringify(newest)}::text::jsonb)
    ON CONFLICT (is_only) DO UPDATE SET due_at = excluded.due_at, days = excluded.days, newest = excluded.newest`)
  return dueAt <= now ? null : { days, newestDay: newestOf(newest), dueAt }
}

const EARLIEST = '1970-01-01'

/** What waits at the moment; null: nothing. */
export async function readLargeDrop(db: Db, now: Date): Promise<LargeDrop | null> {
  const row = await readRow(db)
  return row === null || row.dueAt <= now ? null : { days: row.days, newestDay: newestOf(row.newest), dueAt: row.dueAt }
}

/** Lets go at once what waits; what the next upkeep does with it. Null: nothing waits. */
export async function confirmLargeDrop(db: Db, now: Date): Promise<LargeDrop | null> {
  const waiting = await readLargeDrop(db, now)
  await db.execute(sql`UPDATE large_drop SET due_at = least(due_at, ${now.toISOString()}::timestamptz)`)
  return waiting
}

interface LargeDropRow {
  days: number
  /** By table, the newest day that would go. */
  newest: Readonly<Record<string, Day>>
  dueAt: Date
}

async function readRow(db: Db): Promise<LargeDropRow | null> {
  const [row] = await db.execute<{ days: number; newest: Record<string, Day>; due_ms: number }>(sql`
    SELECT days, newest, (extract(epoch FROM due_at) * 1000)::float8 AS due_ms FROM large_drop`)
  return row ? { days: row.days, newest: row.newest, dueAt: new Date(row.due_ms) } : null
}

function newestOf(newest: LargeDropRow['newest']): Day {
  return Object.values(newest).toSorted().at(-1) ?? EARLIEST
}

/** By table, the days that are over, oldest first: days archives, reports, sessions and the ledger are kept for differ. */
async function daysOver(
  db: Db,
  { retention, now }: { retention: Retention; now: Date },
): Promise<ReadonlyMap<string, readonly Day[]>> {
  const today = dayOf(now)
  const over = (await listDays(db)).filter(
    ({ table, day, isAttached }) => isAttached && day < firstDay(today, daysOf(table, retention)),
  )
  const partitions = Map.groupBy(over, ({ table }) => table)
  const ledger = await ledgerDaysOver(db, firstDay(today, retention.ledgerDays))
  return new Map<string, readonly Day[]>([
    ...[...partitions].map(([table, days]) => [table, days.map(({ day }) => day)] as const),
    ['outcome_hour', ledger],
  ])
}

/** Its days are no partitions: they are told by its rows. */
async function ledgerDaysOver(db: Db, oldestKept: Day): Promise<readonly Day[]> {
  const rows = await db.execute<{ day: Day }>(sql`
    SELECT DISTINCT (hour AT TIME ZONE 'UTC')::date::text AS day FROM outcome_hour WHERE hour < ${`${oldestKept}T00:00:00Z`}`)
  return rows.map(({ day }) => day).toSorted()
}
