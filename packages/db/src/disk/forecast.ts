import { addDays, type Day } from '../partition/day.ts'
import { PARTITIONED_TABLES, type PartitionedTable } from '../partition/partitioned-tables.ts'
import { daysOf, firstDay, type Retention } from '../retention/retention.ts'

/** What a day of a table takes, its indexes included. */
export interface PartitionSize {
  table: PartitionedTable
  day: Day
  bytes: number
}

export interface Growth {
  today: Day
  /** Null: nobody knows. */
  freeBytes: number | null
  partitions: readonly PartitionSize[]
  /** What everything beside them grows by, and how much of that is never taken back, from 0 to 1. */
  restPerDay: number
  lastingShare: number
  retention: Retention
}

export interface Advice {
  /** The most days that fit, for each of `settings`. */
  retentionDays: number
  /** What that gives back at once; 0 where there is nothing that old yet. */
  freesBytes: number
  /** What would have to say so. */
  settings: readonly string[]
}

/** As far as looking ahead means anything. */
const HORIZON_DAYS = 3 * 365
/** The newest days that are over: what a day brings now. A week has its weekend. */
const RECENT_DAYS = 7

/**
 * Whether, and when, the disk will be full if every day to come is like the last seven, and every day is dropped when its
 * time is over.
 */
export function forecast(growth: Growth): { bytesPerDay: number; fullOn: Day | null; advice: Advice | null } {
  const inflow = inflowOf(growth)
  const bytesPerDay = Math.round([...inflow.values()].reduce((sum, bytes) => sum + bytes, growth.restPerDay))
  const fullOn = dayFull(growth, inflow, growth.retention)
  return { bytesPerDay, fullOn, advice: fullOn === null ? null : advise(growth, inflow) }
}

type Inflow = ReadonlyMap<PartitionedTable, number>

/** What a day brings to each table: the mean of the last days that are over and took something in at all. */
function inflowOf({ today, partitions }: Growth): Inflow {
  const used = partitions.filter(({ day, bytes }) => day < today && day >= addDays(today, -RECENT_DAYS) && bytes > 0)
  const days = new Set(used.map(({ day }) => day)).size
  return new Map(
    PARTITIONED_TABLES.map((table) => {
      const bytes = used.reduce((sum, one) => sum + (one.table === table ? one.bytes : 0), 0)
      return [table, days === 0 ? 0 : bytes / days]
    }),
  )
}

function dayFull(growth: Growth, inflow: Inflow, retention: Retention): Day | null {
  const { today, freeBytes, partitions } = growth
  if (freeBytes === null) return null
  const tables = tablesOf(growth, inflow, retention)
  const perDay = tables.reduce((sum, table) => sum + table.inflow, 0)
  const age = partitions.reduce((most, { day, bytes }) => Math.max(most, bytes > 0 ? daysBetween(day, today) : 0), 0)
  let free = freeBytes + overdue(partitions, today, retention)
  for (let ahead = 1; ahead <= HORIZON_DAYS; ahead++) {
    // What expires row by row grows until its oldest rows are as old as any may get.
    const share = age + ahead < retention.reportDays ? 1 : growth.lastingShare
    free -= perDay + growth.restPerDay * share
    // At midnight, when a day has come in and none is dropped for it yet.
    if (free <= 0) return addDays(today, ahead)
    for (const { days, inflow, sizes } of tables) free += ahead >= days ? inflow : (sizes.get(days - ahead) ?? 0)
  }
  return null
}

/** What there is of each table that takes anything in or has it: its days by how long ago they were. */
function tablesOf({ today, partitions }: Growth, inflow: Inflow, retention: Retention) {
  return PARTITIONED_TABLES.map((table) => ({
    days: daysOf(table, retention),
    inflow: inflow.get(table) ?? 0,
    sizes: new Map(
      partitions.flatMap((one) => (one.table === table ? [[daysBetween(one.day, today), one.bytes] as const] : [])),
    ),
  }))
}

function daysBetween(earlier: Day, later: Day): number {
  return (Date.parse(later) - Date.parse(earlier)) / DAY_MS
}

const DAY_MS = 24 * 60 * 60 * 1000

/** What a retention gives back at once. */
function overdue(partitions: readonly PartitionSize[], today: Day, retention: Retention): number {
  return partitions
    .filter(({ table, day }) => day < firstDay(today, daysOf(table, retention)))
    .reduce((sum, { bytes }) => sum + bytes, 0)
}

/** The most days that keep the disk from filling up. */
function advise(growth: Growth, inflow: Inflow): Advice | null {
  const { retention } = growth
  let [fits, full] = [0, Math.max(retention.reportDays, retention.archiveDays, retention.sessionDays)]
  while (full - fits > 1) {
    const days = Math.floor((fits + full) / 2)
    if (dayFull(growth, inflow, shorter(retention, days)) === null) fits = days
    else full = days
  }
  if (fits === 0) return null
  const freesBytes = overdue(growth.partitions, growth.today, shorter(retention, fits))
  return { retentionDays: fits, freesBytes, settings: settingsBeyond(retention, fits) }
}

function shorter(retention: Retention, days: number): Retention {
  return {
    ...retention,
    reportDays: Math.min(retention.reportDays, days),
    archiveDays: Math.min(retention.archiveDays, days),
    sessionDays: Math.min(retention.sessionDays, days),
    ledgerDays: Math.min(retention.ledgerDays, days),
  }
}

/** One that is as long as RETENTION_DAYS most likely follows it. */
function settingsBeyond({ reportDays, archiveDays, sessionDays }: Retention, days: number): readonly string[] {
  const own = (name: string, value: number) => (value > days && value !== reportDays ? [name] : [])
  return [
    ...(reportDays > days ? ['RETENTION_DAYS'] : []),
    ...own('ARCHIVE_RETENTION_DAYS', archiveDays),
    ...own('SESSION_RETENTION_DAYS', sessionDays),
  ]
}
