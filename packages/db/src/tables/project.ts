import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { identity, reference } from './columns.ts'

export const project = pgTable(
  'project',
  {
    id: identity().primaryKey(),
    slug: text().notNull().unique(),
    name: text().notNull(),
    status: text().notNull().default('active'),
    /** The `grouping_config` its events are grouped by. */
    grouping_version: integer().notNull().default(1),
    /** The one before, and until when a key nobody has seen takes over the issue of the key that one gives. */
    former_grouping_version: integer(),
    adopts_until: timestamp({ withTimezone: true }),
    /** The priority its jobs get in the queue: higher goes first. */
    priority: smallint().notNull().default(0),
    /** Requests a second; null: RATE_LIMIT_PER_PROJECT_PER_SEC of the gateways. */
    rate_limit_per_sec: integer(),
    /** Event-bearing requests in one minute, hour and calendar month, all in UTC; null: as many as come. */
    quota_per_minute: bigint({ mode: 'number' }),
    quota_per_hour: bigint({ mode: 'number' }),
    quota_per_month: bigint({ mode: 'number' }),
    /** Days its archives, reports and sessions are kept; null: as long as all others'. Never longer than those. */
    retention_days: integer(),
    /** Rumen's own, for its canary: nobody is shown it. */
    is_hidden: boolean().notNull().default(false),
    /** Since when it is `deleting`. */
    deleting_since: timestamp({ withTimezone: true }),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [check('project_status', sql`${table.status} IN ('active', 'deleting')`)],
)

/** DSN public keys. The same key may stand in two projects: nothing unique crosses them. */
export const project_key = pgTable(
  'project_key',
  {
    project_id: reference()
      .notNull()
      .references(() => project.id, { onDelete: 'cascade' }),
    public_key: text().notNull(),
    /** Requests a second; null: RATE_LIMIT_PER_KEY_PER_SEC of the gateways. */
    rate_limit_per_sec: integer(),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    revoked_at: timestamp({ withTimezone: true }),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.public_key] }), index().on(table.public_key)],
)

/** Its row is the lock under which a project's issues are numbered, one after the other. */
export const project_counter = pgTable('project_counter', {
  project_id: reference()
    .primaryKey()
    .references(() => project.id, { onDelete: 'cascade' }),
  issue_number: bigint({ mode: 'number' }).notNull().default(0),
})

/** The rules a project's events are grouped by, each time they changed. A row never changes. */
export const grouping_config = pgTable(
  'grouping_config',
  {
    project_id: reference()
      .notNull()
      .references(() => project.id, { onDelete: 'cascade' }),
    version: integer().notNull(),
    mechanism: text().notNull().default('v1'),
    strategy: text().notNull().default('stack'),
    /** The project's own rules, as they were written. */
    rules: text().notNull().default(''),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.version] })],
)
