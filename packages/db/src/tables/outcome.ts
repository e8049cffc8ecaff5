import { bigint, date, index, integer, pgTable, primaryKey, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea, identity, reference } from './columns.ts'

/** The ledger: what became of every item decoded. Insert-only, a few rows per batch; partitioned by day of receipt. */
export const outcome = pgTable(
  'outcome',
  {
    project_id: reference().notNull(),
    day: date().notNull(),
    recorded_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    item_type: text().notNull(),
    outcome: text().notNull(),
    /** Why, for what was not stored; a code, never a sentence. */
    reason: text(),
    quantity: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [index('outcome_project').on(table.project_id, table.recorded_at)],
)

/**
 * The ledger by hour. The gateways add what they see at the door: requests (`item_type` is `request`) archived, seen again,
 * spooled, or refused and why. `project_id` is 0 where the sender showed no key that opens a project.
 */
export const outcome_hour = pgTable(
  'outcome_hour',
  {
    project_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    item_type: text().notNull(),
    outcome: text().notNull(),
    /** A code, never a sentence; '' where the outcome says it all. */
    reason: text().notNull().default(''),
    quantity: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.hour, table.item_type, table.outcome, table.reason] })],
)

/**
 * How often an archive was digested by itself, without getting to the end: counted before each try, so that what kills the
 * process is known for it. Gone once it is digested.
 */
export const digest_attempt = pgTable(
  'digest_attempt',
  {
    project_id: reference().notNull(),
    day: date().notNull(),
    archive_hash: bytea().notNull(),
    attempts: smallint().notNull(),
    attempted_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.day, table.archive_hash] })],
)

/** Each rejected item with its cause; the archive stays, so that it can be looked at and digested again. */
export const digest_error = pgTable(
  'digest_error',
  {
    project_id: reference().notNull(),
    id: identity(),
    day: date().notNull(),
    archive_hash: bytea().notNull(),
    /** Null when the archive as a whole could not be read. */
    item_index: integer(),
    item_type: text(),
    event_id: uuid(),
    code: text().notNull(),
    message: text().notNull(),
    /** How often the queue had handed it out before. */
    retry_count: smallint().notNull().default(0),
    failed_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    index('digest_error_event').on(table.project_id, table.event_id),
    index('digest_error_archive').on(table.project_id, table.archive_hash),
  ],
)
