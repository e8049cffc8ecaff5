import { bigint, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { reference } from './columns.ts'

/** What one process measures for all, with the time it did: a number too old to trust decides nothing. */
export const gauge = pgTable('gauge', {
  name: text().primaryKey(),
  value: bigint({ mode: 'number' }).notNull(),
  measured_at: timestamp({ withTimezone: true }).notNull(),
})

/** Event-bearing requests of a project in one period, of all gateways together. */
export const quota_usage = pgTable(
  'quota_usage',
  {
    project_id: reference().notNull(),
    /** `minute`, `hour` or `month`. */
    period: text().notNull(),
    starts_at: timestamp({ withTimezone: true }).notNull(),
    used: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.period, table.starts_at] })],
)
