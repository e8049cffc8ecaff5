import type { Day } from './day.ts'

/**
 * Partitioned by UTC day of receipt, sessions by the day they started, from the first migration. There is no DEFAULT
 * partition: it could not be dropped.
 */
export const PARTITIONED_TABLES = [
  'archive',
  'report',
  'outcome',
  'session',
  'transaction_event',
  'attachment',
  'feedback',
  'check_in',
] as const
export type PartitionedTable = (typeof PARTITIONED_TABLES)[number]

/** `archive_20261121` */
export function partitionName(table: PartitionedTable, day: Day): string {
  return `${table}_${day.replaceAll('-', '')}`
}

/** What a partition is called before it is detached to be dropped. */
export const DROPPED = 'rumen: being dropped'
