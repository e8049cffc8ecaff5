import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { bytea, identity, reference } from './columns.ts'

/** One bug. It is made before its first event is counted: a row with no event is invisible, a gap in the numbers is fine. */
export const issue = pgTable(
  'issue',
  {
    project_id: reference().notNull(),
    id: identity(),
    number: bigint({ mode: 'number' }).notNull(),
    title: text().notNull(),
    culprit: text().notNull(),
    type: text(),
    value: text(),
    /** Index into LEVELS, of the newest event. */
    level: smallint().notNull(),
    status: text().notNull().default('unresolved'),
    first_seen: timestamp({ withTimezone: true }).notNull(),
    last_seen: timestamp({ withTimezone: true }).notNull(),
    event_count: bigint({ mode: 'number' }).notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    unique().on(table.project_id, table.number),
    check('issue_status', sql`${table.status} IN ('unresolved', 'resolved', 'muted')`),
  ],
)

/** A grouping key and the issue it points at: merging two issues moves pointers, never reports. */
export const grouping = pgTable(
  'grouping',
  {
    project_id: reference().notNull(),
    id: identity(),
    key_hash: bytea().notNull(),
    issue_id: reference().notNull(),
    mechanism: text().notNull(),
    key: text().notNull(),
    parts: jsonb().notNull(),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    uniqueIndex('grouping_key').on(table.project_id, table.key_hash),
  ],
)

/** Events of an issue by hour of receipt. */
export const issue_hour = pgTable(
  'issue_hour',
  {
    project_id: reference().notNull(),
    issue_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    event_count: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.issue_id, table.hour] })],
)
