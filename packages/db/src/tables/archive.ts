import { date, index, inet, integer, pgTable, primaryKey, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea, reference } from './columns.ts'

/**
 * What came in, as it came in. Addressed by (project, UTC day of receipt, SHA-256 of the stored bytes) everywhere.
 * Partitioned by day: a day's disk comes back when its partition is dropped.
 */
export const archive = pgTable(
  'archive',
  {
    project_id: reference().notNull(),
    day: date().notNull(),
    hash: bytea().notNull(),
    event_id: uuid(),
    received_at: timestamp({ withTimezone: true }).notNull(),
    endpoint: text().notNull(),
    content_type: text(),
    /** Coding of `body`, as in Content-Encoding; never plain: the gateway compresses what came so. */
    encoding: text().notNull(),
    client_ip: inet(),
    user_agent: text(),
    sentry_client: text(),
    query_release: text(),
    query_environment: text(),
    /** Bytes of the body as it came over the wire, before the gateway compressed it. */
    wire_bytes: integer().notNull(),
    /** Null once erased: hash and address stay. */
    body: bytea(),
    erased_at: timestamp({ withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.day, table.hash] }),
    index('archive_event').on(table.project_id, table.event_id),
  ],
)

/** Dedupe across days and encodings: an event id, or 16 bytes of the hash of an item that has none. */
export const seen = pgTable(
  'seen',
  {
    project_id: reference().notNull(),
    key: uuid().notNull(),
    /** Swept by it. */
    day: date().notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.key] })],
)
