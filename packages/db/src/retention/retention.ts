import { addDays, type Day } from '../partition/day.ts'
import type { PartitionedTable } from '../partition/partitioned-tables.ts'

/** For how many UTC days everything is kept, today among them. */
export interface Retention {
  /** Reports and the other items. */
  reportDays: number
  archiveDays: number
  sessionDays: number
  /** The ledger, by the hour. */
  ledgerDays: number
  /** Events that come again are known as long. */
  dedupeDays: number
}

/** The oldest day that is kept. */
export function firstDay(today: Day, days: number): Day {
  return addDays(today, 1 - days)
}

/** How long the days of a table are kept. */
export function daysOf(table: PartitionedTable, retention: Retention): number {
  if (table === 'archive') return retention.archiveDays
  if (table === 'session') return retention.sessionDays
  // Compacted it is empty, but whatever of that day is digested late is written there first.
  if (table === 'outcome') return Math.max(retention.ledgerDays, retention.archiveDays)
  return retention.reportDays
}
