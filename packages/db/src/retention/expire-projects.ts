import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { expireValuesOf } from '../dimension/expire-values.ts'
import { expireIssueUsersOf } from '../issue/expire-users.ts'
import { keepEvents } from '../keeper/keep-events.ts'
import { type Day, dayOf } from '../partition/day.ts'
import { listDays } from '../partition/list-days.ts'
import type { PartitionedTable } from '../partition/partitioned-tables.ts'
import { oldestWaitingDay } from './oldest-waiting-day.ts'
import { daysOf, firstDay, type Retention } from './retention.ts'

/** Rows of one statement; an archive's body goes with it. */
const ROWS_MAX = 1_000
/** The ledger has no personal data, and is kept as all others' is. */
const TABLES = ['report', 'transaction_event', 'attachment', 'feedback', 'check_in', 'session', 'archive'] as const

/**
 * Deletes what projects that keep less than the others have beyond their days: day by day, in small batches, the events that
 * are kept for good copied first, and none of which an archive still waits. Nobody is shown it any more; its space comes back when the day is dropped. Any number of
 * processes may call it; between two batches it heeds `signal`. Gives the number of rows deleted.
 */
export async function expireProjects(
  db: Db,
  { retention, now, queues }: { retention: Retention; now: Date; queues: readonly string[] },
  signal?: AbortSignal,
): Promise<number> {
  const projects = await db.execute<{ id: ProjectId; days: number }>(sql`
    SELECT id, retention_days AS days FROM project
    WHERE retention_days IS NOT NULL AND status = 'active'
    ORDER BY id`)
  const today = dayOf(now)
  let total = 0
  for (const { id, days } of projects) {
    if (signal?.aborted) return total
    const waitingDay = await oldestWaitingDay(db, queues, id)
    total += await expireProject(db, { projectId: id, retention: shorter(retention, days), today, waitingDay }, signal)
  }
  return total
}

/** A session is merged into for five days, whatever a project wants. */
const SESSION_DAYS_MIN = 7

function shorter(retention: Retention, days: number): Retention {
  return {
    ...retention,
    reportDays: Math.min(retention.reportDays, days),
    archiveDays: Math.min(retention.archiveDays, days),
    sessionDays: Math.min(retention.sessionDays, Math.max(days, SESSION_DAYS_MIN)),
  }
}

interface Short {
  projectId: ProjectId
  retention: Retention
  today: Day
  /** Of this day and later ones archives wait to be digested: nothing of them goes. Null: of none. */
  waitingDay: Day | null
}

async function expireProject(db: Db, short: Short, signal?: AbortSignal): Promise<number> {
  const { projectId, retention, today } = short
  let total = 0
  for (const [day, tables] of await daysWithRows(db, short)) {
    if (tables.some((table) => table === 'report' || table === 'archive')) {
      if (!(await keepEvents(db, { day, projectId }, signal))) return total
    }
    for (const table of tables) {
      total += await deleteRows(db, { table, where: sql`project_id = ${projectId} AND day = ${day}` }, signal)
    }
  }
  const oldest = firstDay(today, retention.reportDays)
  const sessionsFrom = `${firstDay(today, retention.sessionDays)}T00:00:00Z`
  const rest: [table: string, isOver: SQL][] = [
    ['digest_error', sql`day < ${firstDay(today, retention.archiveDays)}`],
    ['session_user_hour', sql`hour < ${sessionsFrom}`],
  ]
  for (const [table, isOver] of rest) {
    total += await deleteRows(db, { table, where: sql`project_id = ${projectId} AND ${isOver}` }, signal)
  }
  total += await expireIssueUsersOf(db, { projectId, oldest }, signal)
  return total + (await expireValuesOf(db, { projectId, oldest }, signal))
}

/** The days that are over for a project and have rows of it, oldest first, with their tables. */
async function daysWithRows(
  db: Db,
  { projectId, retention, today, waitingDay }: Short,
): Promise<ReadonlyMap<Day, readonly PartitionedTable[]>> {
  const isFree = (day: Day) => waitingDay === null || day < waitingDay
  const over = (await listDays(db)).filter(
    ({ table, day, isAttached }) => isAttached && isFree(day) && day < firstDay(today, daysOf(table, retention)),
  )
  const found = new Map<Day, PartitionedTable[]>()
  for (const table of TABLES) {
    const days = over.filter((one) => one.table === table).map(({ day }) => day)
    const rows = await db.execute<{ day: Day }>(sql`
      SELECT to_char(d, 'YYYY-MM-DD') AS day
      FROM json_array_elements_text(${JSON.stringify(days)}::json) AS listed
      CROSS JOIN LATERAL (SELECT listed::date AS d) AS cast_to
      WHERE (SELECT true FROM ${sql.identifier(table)} AS t WHERE t.project_id = ${projectId} AND t.day = d LIMIT 1)`)
    for (const { day } of rows) found.set(day, [...(found.get(day) ?? []), table])
  }
  return new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

async function deleteRows(
  db: Db,
  { table, where }: { table: string; where: SQL },
  signal?: AbortSignal,
): Promise<number> {
  const name = sql.identifier(table)
  let total = 0
  for (let count = ROWS_MAX; count === ROWS_MAX && !signal?.aborted; total += count) {
    ;({ count } = await db.execute(sql`
      DELETE FROM ${name}
      WHERE ${where} AND ctid = ANY (ARRAY(SELECT ctid FROM ${name} WHERE ${where} LIMIT ${ROWS_MAX}))`))
  }
  return total
}
