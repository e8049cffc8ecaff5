import { index, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { reference } from './columns.ts'
import { project } from './project.ts'

/** Which projects a login of an analyst's own is shown: the views of schema `project_analytics` ask it. */
export const analyst_project = pgTable(
  'analyst_project',
  {
    project_id: reference()
      .notNull()
      .references(() => project.id, { onDelete: 'cascade' }),
    /** As PostgreSQL knows it. */
    role_name: text().notNull(),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.role_name] }),
    index('analyst_project_role').on(table.role_name),
  ],
)
