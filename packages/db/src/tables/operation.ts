import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  real,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { identity } from './columns.ts'

/** Processes that run, or died without a word. One that is stopped takes its row along. */
export const process = pgTable('process', {
  /** Another at each start. */
  id: uuid().primaryKey(),
  role: text().notNull(),
  host: text().notNull(),
  pid: integer().notNull(),
  version: text().notNull(),
  started_at: timestamp({ withTimezone: true }).notNull(),
  /** When it was last heard of, by the database's clock. */
  beat_at: timestamp({ withTimezone: true }).notNull(),
  /** Since when it has had the same batch in hand; null: none. */
  busy_since: timestamp({ withTimezone: true }),
  /** When it last asked for jobs and got an answer; null: never, or not its business. */
  looked_at: timestamp({ withTimezone: true }),
  /** Requests since its start: archived by a gateway, digested by a worker; and how many of that a second, over the last minute. */
  accepted: bigint({ mode: 'number' }).notNull().default(0),
  digested: bigint({ mode: 'number' }).notNull().default(0),
  per_second: real().notNull().default(0),
  /** From the answer to an event to its report, over the last minute: the median and the 99th percentile; null: there were none. */
  visible_median_ms: integer(),
  visible_slow_ms: integer(),
  /** What waits in a gateway's spool, how much may, and what was kept aside; null: it has none. */
  spool_records: bigint({ mode: 'number' }),
  spool_bytes: bigint({ mode: 'number' }),
  spool_max_bytes: bigint({ mode: 'number' }),
  spool_kept_aside_bytes: bigint({ mode: 'number' }),
})

/** Work that was begun and can be taken up again. */
export const rumination = pgTable(
  'rumination',
  {
    id: identity().primaryKey(),
    /** What was asked for, of one project or all; a run of the same goes on where one stopped. */
    scope: jsonb().notNull(),
    /** How far it has come; what stands behind it is to be done. */
    progress: jsonb().notNull(),
    started_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    beat_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    finished_at: timestamp({ withTimezone: true }),
  },
  (table) => [index('rumination_unfinished').on(table.started_at).where(sql`${table.finished_at} IS NULL`)],
)

/** How the disk filled, a row a day: what a forecast is made of. */
export const disk_day = pgTable('disk_day', {
  day: date().primaryKey(),
  /** Of the database. */
  database_bytes: bigint({ mode: 'number' }).notNull(),
  /** Of it, what days being dropped gives back. */
  partition_bytes: bigint({ mode: 'number' }).notNull(),
  /** Of the disk it lies on; null where nobody could tell. */
  free_bytes: bigint({ mode: 'number' }),
  measured_at: timestamp({ withTimezone: true }).notNull(),
})

/** One row: the oldest code that may still run on this schema, by the number of the newest migration it knows. */
export const schema_floor = pgTable(
  'schema_floor',
  {
    is_only: boolean().primaryKey().default(true),
    migration: integer().notNull(),
  },
  (table) => [check('schema_floor_only', sql`${table.is_only}`)],
)

/** One row while more days than usual are due to be dropped at once: they wait, so that somebody can say no. */
export const large_drop = pgTable(
  'large_drop',
  {
    is_only: boolean().primaryKey().default(true),
    /** From when on they go without anybody's word. */
    due_at: timestamp({ withTimezone: true }).notNull(),
    /** How many there are of the table that has most. */
    days: integer().notNull(),
    /** By table, the newest of them. */
    newest: jsonb().notNull(),
  },
  (table) => [check('large_drop_only', sql`${table.is_only}`)],
)
