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

/** What all values beyond a bound are called. */
export const OTHER = '(other)'
/** Of a vocabulary all projects share: nobody may fill the disk, or every project's lists, with names made up. */
export const SHARED_VALUES_MAX = 10_000
/** New values of one tag key of one project on one UTC day. */
export const NEW_TAG_VALUES_MAX = 1_000

/** How many values there may be. Those of several workers at the same moment may all find the last place free. */
export interface Bound {
  valuesMax: number
  /** The columns that are alike in what is counted together; none: the whole table. */
  within: readonly string[]
  /** The columns that read `(other)` beyond the bound; none: there is no value beyond it. */
  open: readonly string[]
}

export interface Dimension {
  table: PgTable
  /** The columns that make a value, in the order values are given in. */
  columns: readonly string[]
  /** False: a vocabulary all projects share. */
  perProject: boolean
  /** Columns that take the UTC day a value is first and last used. */
  days: readonly string[]
  /** Whether a value goes when the last day it was used on has gone. */
  expires: boolean
  /** The column of `session_hour` that names it: those hours are kept for good, and what they name with them. */
  namedByHours: 'release_id' | 'environment_id' | null
  /** Null: as many as reports bring. Those expire, too. */
  bound: Bound | null
}

const TAG_BOUND: Bound = {
  valuesMax: NEW_TAG_VALUES_MAX,
  within: ['project_id', 'tag_key', 'first_day'],
  open: ['tag_value'],
}
const DAYS = ['first_day', 'last_day']
const NOT_VALUES = new Set(['project_id', 'id', 'key', ...DAYS])
const NAMED_BY_HOURS: Readonly<Partial<Record<DimensionName, 'release_id' | 'environment_id'>>> = {
  release: 'release_id',
  environment: 'environment_id',
}

function describe(name: DimensionName, table: PgTable): Dimension {
  const all = getTableConfig(table).columns
  const names = all.map((column) => column.name)
  const perProject = names.includes('project_id')
  const texts = all.filter((column) => column.getSQLType() === 'text').map((column) => column.name)
  return {
    table,
    columns: names.filter((column) => !NOT_VALUES.has(column)),
    perProject,
    days: DAYS.filter((day) => names.includes(day)),
    expires: perProject,
    namedByHours: NAMED_BY_HOURS[name] ?? null,
    bound: perProject ? null : { valuesMax: SHARED_VALUES_MAX, within: [], open: texts },
  }
}

/** Every dimension by its name. Each is written in a transaction of its own, so their order means nothing. */
export const DIMENSIONS: ReadonlyMap<DimensionName, Dimension> = new Map(
  Object.entries(DIMENSION_TABLES).map(([key, table]) => {
    const name = key as DimensionName
    const dimension = describe(name, table)
    return [name, name === 'tag' ? { ...dimension, bound: TAG_BOUND } : dimension]
  }),
)
