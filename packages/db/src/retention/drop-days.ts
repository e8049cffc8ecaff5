import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { keepEvents } from '../keeper/keep-events.ts'
import { type Day, dayOf } from '../partition/day.ts'
import { listDays, type PartitionDay } from '../partition/list-days.ts'
import { type Dropper, openDropper } from '../partition/open-dropper.ts'
import { oldestWaitingDay } from './oldest-waiting-day.ts'
import { daysOf, firstDay, type Retention } from './retention.ts'

export interface DropOptions {
  retention: Retention
  now: Date
  /** Where archives wait to be digested. */
  queues: readonly string[]
  /** Reaches PostgreSQL itself, not a transaction pooler. */
  directUrl: string
  /** Of one partition, which stays until the next call. */
  onError: (error: unknown, partition: PartitionDay) => void
}

/**
 * Drops the days whose time is over, oldest first, up to the first one of which an archive still waits; before the
 * reports or the archives of one go, the events that are kept for good are copied. Begun again after any kind of end it goes on where it was. Between two of them it heeds `signal`. Gives
 * the number of partitions dropped.
 */
export async function dropDays(db: Db, options: DropOptions, signal?: AbortSignal): Promise<number> {
  const { retention, now, queues } = options
  const today = dayOf(now)
  const past = (await listDays(db)).filter(({ table, day }) => day < firstDay(today, daysOf(table, retention)))
  const waitingDay = past.length === 0 ? null : await oldestWaitingDay(db, queues)
  const over = past.filter(({ day }) => waitingDay === null || day < waitingDay)
  // It connects when the first day is to be dropped: mostly there is none.
  const dropper = openDropper(options.directUrl)
  try {
    return await dropEach(db, { over, dropper, options }, signal)
  } finally {
    await dropper.close()
  }
}

interface Dropping {
  dropper: Dropper
  options: DropOptions
}

async function dropEach(
  db: Db,
  { over, dropper, options }: Dropping & { over: readonly PartitionDay[] },
  signal?: AbortSignal,
): Promise<number> {
  let dropped = 0
  for (const [day, partitions] of Map.groupBy(over, (partition) => partition.day)) {
    if (partitions.some(holdsEvents) && !(await keep(db, { day, partitions, options }, signal))) continue
    // Archives last: an archive without a report is read by nobody, a report without its archive shows less.
    for (const partition of partitions.toSorted((one, other) => order(one) - order(other))) {
      if (signal?.aborted) return dropped
      if (await drop(db, { partition, dropper, options }, signal)) dropped++
    }
  }
  return dropped
}

function holdsEvents({ table, isAttached }: PartitionDay): boolean {
  return isAttached && (table === 'report' || table === 'archive')
}

function order({ table }: PartitionDay): number {
  return table === 'archive' ? 1 : 0
}

/** Whether the day may go. When its events cannot be copied none of it goes, and other days do. */
async function keep(
  db: Db,
  { day, partitions, options }: { day: Day; partitions: readonly PartitionDay[]; options: DropOptions },
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    return await keepEvents(db, { day, projectId: null }, signal)
  } catch (error) {
    for (const partition of partitions) options.onError(error, partition)
    return false
  }
}

async function drop(
  db: Db,
  { partition, dropper, options }: Dropping & { partition: PartitionDay },
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    if (partition.table === 'outcome' && partition.isAttached) await refuseUncompacted(db, partition.day)
    await dropper.drop(partition, signal)
    return true
  } catch (error) {
    options.onError(error, partition)
    return false
  }
}

/** The ledger is added up every hour: rows that are left are counted nowhere else. */
async function refuseUncompacted(db: Db, day: Day): Promise<void> {
  const [row] = await db.execute(sql`SELECT FROM outcome WHERE day = ${day} LIMIT 1`)
  if (row) throw new Error(`the ledger of ${day} is not compacted yet`)
}
