import { sql } from 'drizzle-orm'
import { bigint, boolean, date, index, pgTable, primaryKey, smallint, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytea, reference } from './columns.ts'

/** One row per event: what is asked in SQL. Frames and the rest of the payload come from its archive. */
export const report = pgTable(
  'report',
  {
    project_id: reference().notNull(),
    event_id: uuid().notNull(),
    /** UTC day of receipt: with project and hash the address of its archive. */
    day: date().notNull(),
    archive_hash: bytea().notNull(),
    item_index: smallint().notNull(),
    /** The issue is the one this grouping points at: a merge moves one pointer and touches no report. */
    grouping_id: reference().notNull(),
    occurred_at: timestamp({ withTimezone: true }).notNull(),
    received_at: timestamp({ withTimezone: true }).notNull(),
    digested_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** Index into LEVELS. */
    level: smallint().notNull(),
    handled: boolean(),
    trace_id: uuid(),
    platform_id: reference(),
    sdk_id: reference(),
    os_id: reference(),
    runtime_id: reference(),
    browser_id: reference(),
    device_manufacturer_id: reference(),
    device_brand_id: reference(),
    device_model_id: reference(),
    device_family_id: reference(),
    device_arch_id: reference(),
    device_specs_id: reference(),
    chipset_id: reference(),
    locale_id: reference(),
    timezone_id: reference(),
    connection_type_id: reference(),
    orientation_id: reference(),
    exception_mechanism_id: reference(),
    http_method_id: reference(),
    environment_id: reference(),
    release_id: reference(),
    dist_id: reference(),
    server_name_id: reference(),
    transaction_id: reference(),
    logger_id: reference(),
    app_id: reference(),
    user_id: reference(),
    exception_type_id: reference(),
    exception_message_id: reference(),
    top_frame_id: reference(),
    url_id: reference(),
    tag_ids: bigint({ mode: 'number' }).array().notNull().default(sql`'{}'`),
  },
  (table) => [
    // The day comes last: within one partition it is constant, and an event is looked up by its id alone.
    primaryKey({ columns: [table.project_id, table.event_id, table.day] }),
    index('report_grouping').on(table.project_id, table.grouping_id, table.received_at),
    index('report_tags').using('gin', table.tag_ids),
  ],
)

/** Reports by UTC day of receipt and what they are mostly asked for; 0: none was named. As of `report_day_counted`. */
export const report_day = pgTable(
  'report_day',
  {
    project_id: reference().notNull(),
    day: date().notNull(),
    platform_id: reference().notNull(),
    release_id: reference().notNull(),
    environment_id: reference().notNull(),
    level: smallint().notNull(),
    event_count: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'report_day_pk',
      columns: [table.project_id, table.day, table.platform_id, table.release_id, table.environment_id, table.level],
    }),
  ],
)

/** When the reports of a day were counted, and how many rows its partition had had inserted, changed and deleted by then. */
export const report_day_counted = pgTable('report_day_counted', {
  day: date().primaryKey(),
  changes: bigint({ mode: 'number' }).notNull(),
  counted_at: timestamp({ withTimezone: true }).notNull(),
})
