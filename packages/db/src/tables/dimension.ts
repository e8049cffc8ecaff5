import { sql } from 'drizzle-orm'
import {
  bigint,
  date,
  doublePrecision,
  index,
  integer,
  type PgColumnBuilderBase,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { identity, reference } from './columns.ts'

// A value is found by `key`: 16 bytes of the SHA-256 of its columns. The index stays small whatever the text's
// length, nulls count as equal, and every dimension, of one column or of six, is read and written by one statement.

/** Of the server, which runs in UTC only where it was set up to: who writes a row says the day itself. */
const today = () => date().notNull().default(sql`CURRENT_DATE`)

/** Vocabulary all projects share: nothing a tenant could have typed. */
function shared<Columns extends Record<string, PgColumnBuilderBase>>(name: string, columns: Columns) {
  return pgTable(name, { id: identity().primaryKey(), key: uuid().notNull().unique(), ...columns })
}

/** Values that carry a tenant's data: each project has its own. */
function perProject<Columns extends Record<string, PgColumnBuilderBase>>(name: string, columns: Columns) {
  return pgTable(
    name,
    {
      project_id: reference().notNull(),
      id: identity(),
      key: uuid().notNull(),
      /** UTC day a report last used it, give or take one: the value goes when that day's reports have. */
      last_day: today(),
      ...columns,
    },
    (table) => [
      primaryKey({ columns: [table.project_id, table.id] }),
      unique().on(table.project_id, table.key),
      index(`${name}_last_day`).on(table.last_day),
    ],
  )
}

const value = () => ({ value: text().notNull() })
const nameVersion = () => ({ name: text(), version: text() })

export const dim_platform = shared('dim_platform', value())
export const dim_sdk = shared('dim_sdk', nameVersion())
export const dim_os = shared('dim_os', nameVersion())
export const dim_runtime = shared('dim_runtime', nameVersion())
export const dim_browser = shared('dim_browser', nameVersion())
export const dim_device_manufacturer = shared('dim_device_manufacturer', value())
export const dim_device_brand = shared('dim_device_brand', value())
export const dim_device_model = shared('dim_device_model', value())
export const dim_device_family = shared('dim_device_family', value())
export const dim_device_arch = shared('dim_device_arch', value())
export const dim_device_specs = shared('dim_device_specs', {
  screen_width: integer(),
  screen_height: integer(),
  screen_density: doublePrecision(),
  screen_dpi: integer(),
  processor_count: integer(),
  memory_size: bigint({ mode: 'number' }),
})
export const dim_chipset = shared('dim_chipset', value())
export const dim_locale = shared('dim_locale', value())
export const dim_timezone = shared('dim_timezone', value())
export const dim_connection_type = shared('dim_connection_type', value())
export const dim_orientation = shared('dim_orientation', value())
export const dim_exception_mechanism = shared('dim_exception_mechanism', value())
export const dim_http_method = perProject('dim_http_method', value())
export const dim_environment = perProject('dim_environment', value())
export const dim_release = perProject('dim_release', value())
export const dim_dist = perProject('dim_dist', value())
export const dim_server_name = perProject('dim_server_name', value())
export const dim_transaction = perProject('dim_transaction', value())
export const dim_logger = perProject('dim_logger', value())
export const dim_app = perProject('dim_app', { name: text(), version: text(), build: text() })
export const dim_user = perProject('dim_user', {
  identifier: text().notNull(),
  user_id: text(),
  email: text(),
  username: text(),
  ip: text(),
})
export const dim_exception_type = perProject('dim_exception_type', value())
export const dim_exception_message = perProject('dim_exception_message', value())
export const dim_top_frame = perProject('dim_top_frame', { module: text(), function: text() })
export const dim_url = perProject('dim_url', value())
/** `first_day` bounds how many new values of a key a day brings. */
export const tag = pgTable(
  'tag',
  {
    project_id: reference().notNull(),
    id: identity(),
    key: uuid().notNull(),
    last_day: today(),
    tag_key: text().notNull(),
    tag_value: text().notNull(),
    first_day: today(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    unique().on(table.project_id, table.key),
    index('tag_last_day').on(table.last_day),
    index('tag_first_day').on(table.project_id, table.tag_key, table.first_day),
  ],
)
