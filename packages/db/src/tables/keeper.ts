import {
  bigint,
  date,
  index,
  inet,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytea, reference } from './columns.ts'

/**
 * A few events of every grouping, the first, the last and some in between, copied with what was received before their day is
 * dropped. For pages only: never counted, never ruminated; erased with person and project.
 */
export const keeper = pgTable(
  'keeper',
  {
    project_id: reference().notNull(),
    grouping_id: bigint({ mode: 'number' }).notNull(),
    event_id: uuid().notNull(),
    day: date().notNull(),
    archive_hash: bytea().notNull(),
    item_index: smallint().notNull(),
    occurred_at: timestamp({ withTimezone: true }).notNull(),
    received_at: timestamp({ withTimezone: true }).notNull(),
    /** What the archive held, with the names it has there; `event_id` is the event's own. */
    archive_event_id: uuid(),
    endpoint: text().notNull(),
    content_type: text(),
    encoding: text().notNull(),
    client_ip: inet(),
    user_agent: text(),
    sentry_client: text(),
    query_release: text(),
    query_environment: text(),
    wire_bytes: integer().notNull(),
    body: bytea().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.grouping_id, table.event_id] }),
    index('keeper_event').on(table.project_id, table.event_id),
  ],
)
