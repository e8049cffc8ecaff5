import { getTableConfig, type PgTable } from 'drizzle-orm/pg-core'
import * as tables from '../tables/dimension.ts'

/** Every dimension of a report by the name of its column there (`platform` is `platform_id`), and the tags. */
const DIMENSION_TABLES = {
  platform: tables.dim_platform,
  sdk: tables.dim_sdk,
  os: tables.dim_os,
  runtime: tables.dim_runtime,
  browser: tables.dim_browser,
  device_manufacturer: tables.dim_device_manufacturer,
  device_brand: tables.dim_device_brand,
  device_model: tables.dim_device_model,
  device_family: tables.dim_device_family,
  device_arch: tables.dim_device_arch,
  device_specs: tables.dim_device_specs,
  chipset: tables.dim_chipset,
  locale: tables.dim_locale,
  timezone: tables.dim_timezone,
  connection_type: tables.dim_connection_type,
  orientation: tables.dim_orientation,
  exception_mechanism: tables.dim_exception_mechanism,
  http_method: tables.dim_http_method,
  environment: tables.dim_environment,
  release: tables.dim_release,
  dist: tables.dim_dist,
  server_name: tables.dim_server_name,
  transaction: tables.dim_transaction,
  logger: tables.dim_logger,
  app: tables.dim_app,
  user: tables.dim_user,
  exception_type: tables.dim_exception_type,
  exception_message: tables.dim_exception_message,
  top_frame: tables.dim_top_frame,
  url: tables.dim_url,
  tag: tables.tag,
} as const satisfies Record<string, PgTable>

export type DimensionName = keyof typeof DIMENSION_TABLES

export interface Dimension {
  table: PgTable
  /** The columns that make a value, in the order values are given in. */
  columns: readonly string[]
  /** False: a vocabulary all projects share. */
  perProject: boolean
}

const NOT_VALUES = new Set(['project_id', 'id', 'key'])

function describe(table: PgTable): Dimension {
  const columns = getTableConfig(table).columns.map((column) => column.name)
  return {
    table,
    columns: columns.filter((column) => !NOT_VALUES.has(column)),
    perProject: columns.includes('project_id'),
  }
}

/** Every dimension by its name. Each is written in a transaction of its own, so their order means nothing. */
export const DIMENSIONS: ReadonlyMap<DimensionName, Dimension> = new Map(
  Object.entries(DIMENSION_TABLES).map(([name, table]) => [name as DimensionName, describe(table)]),
)
