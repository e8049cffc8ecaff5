import {
  bigint,
  date,
  doublePrecision,
  index,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, reference } from './columns.ts'

// What came in envelopes beside events: small rows that point into the archive. Partitioned by day of receipt.

/** Where in its archive an item stands. */
const place = () => ({
  project_id: reference().notNull(),
  day: date().notNull(),
  archive_hash: bytea().notNull(),
  item_index: smallint().notNull(),
  received_at: timestamp({ withTimezone: true }).notNull(),
})

/** A transaction without its spans. */
export const transaction_event = pgTable(
  'transaction_event',
  {
    ...place(),
    event_id: uuid().notNull(),
    transaction_id: reference(),
    release_id: reference(),
    environment_id: reference(),
    op: text(),
    status: text(),
    trace_id: uuid(),
    started_at: timestamp({ withTimezone: true }).notNull(),
    duration_ms: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.event_id, table.day] })],
)

/** A file that came along; its bytes are `size` of the decoded archive from `byte_offset` on. */
export const attachment = pgTable(
  'attachment',
  {
    ...place(),
    event_id: uuid(),
    name: text().notNull(),
    attachment_type: text().notNull(),
    content_type: text().notNull(),
    size: bigint({ mode: 'number' }).notNull(),
    byte_offset: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.day, table.archive_hash, table.item_index] }),
    index('attachment_event').on(table.project_id, table.event_id),
  ],
)

/** What a user wrote. It may arrive before the event it is about, or long after. */
export const feedback = pgTable(
  'feedback',
  {
    ...place(),
    /** The event it is about. */
    event_id: uuid(),
    name: text(),
    email: text(),
    message: text().notNull(),
    url: text(),
    source: text(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.day, table.archive_hash, table.item_index] }),
    index('feedback_event').on(table.project_id, table.event_id),
  ],
)

/** One ping of a monitor: a job that began, ended or failed. */
export const check_in = pgTable(
  'check_in',
  {
    ...place(),
    /** Null: the newest one that is in progress. */
    check_in_id: uuid(),
    monitor_slug: text().notNull(),
    status: text().notNull(),
    /** Seconds. */
    duration: doublePrecision(),
    release_id: reference(),
    environment_id: reference(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.day, table.archive_hash, table.item_index] }),
    index('check_in_monitor').on(table.project_id, table.monitor_slug, table.received_at),
  ],
)

/** What SDKs say they dropped before sending, by hour of receipt. */
export const client_discard_hour = pgTable(
  'client_discard_hour',
  {
    project_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    category: text().notNull(),
    reason: text().notNull(),
    quantity: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.hour, table.category, table.reason] })],
)
