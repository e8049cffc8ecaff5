import { sql } from 'drizzle-orm'
import { check, date, index, jsonb, pgTable, primaryKey, smallint, text, timestamp } from 'drizzle-orm/pg-core'
import { bytea, identity, reference } from './columns.ts'

/** Items that must not come back: digest, ruminate, import and export pass over them. Gone with the day of their archive. */
export const suppressed = pgTable(
  'suppressed',
  {
    project_id: reference().notNull(),
    day: date().notNull(),
    archive_hash: bytea().notNull(),
    /** -1: everything in the archive. */
    item_index: smallint().notNull(),
    reason: text().notNull(),
    suppressed_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.day, table.archive_hash, table.item_index] }),
    index('suppressed_day').on(table.day),
    check('suppressed_reason', sql`${table.reason} IN ('issue_deleted', 'person_erased')`),
  ],
)

/** Receipts: that somebody was erased, when, and how much of what; never who. */
export const erasure = pgTable(
  'erasure',
  {
    project_id: reference().notNull(),
    id: identity(),
    /** SHA-256 of the project's number and what named the person: whoever knows the name can find the receipt, and can try names. */
    subject_hash: bytea().notNull(),
    requested_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** Null: not finished. */
    finished_at: timestamp({ withTimezone: true }),
    /** Rows by what they were. */
    erased: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    index('erasure_subject').on(table.project_id, table.subject_hash),
  ],
)
