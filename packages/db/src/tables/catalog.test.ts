import { readdirSync } from 'node:fs'
import { is, SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, PgDialect, PgTable } from 'drizzle-orm/pg-core'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { PARTITIONED_TABLES } from '../partition/partitioned-tables.ts'

/** Design §7: a promise to everybody who wrote a query. A change here belongs into the changelog. */
const REPORTS_COLUMNS = `
  project_id project event_id issue_id issue archive_hash occurred_at received_at digested_at level platform environment
  release dist server_name transaction logger sdk_name sdk_version os_name os_version device_manufacturer device_brand
  device_model device_family device_arch chipset screen_width screen_height screen_density screen_dpi processor_count
  memory_size runtime_name runtime_version browser_name browser_version locale timezone connection_type orientation
  app_name app_version app_build user_identifier user_id user_email user_name user_ip exception_type exception_message
  exception_mechanism handled title culprit url http_method tags day trace_id`
  .trim()
  .split(/\s+/)

const VIEWS = `
  activity archives attachments check_ins client_discards digest_errors feedback issue_hours issue_tags issues outcomes projects
  release_health releases report_days reports sessions transactions`
  .trim()
  .split(/\s+/)

/** What is compared of a table, written the same way from the code and from the catalog. */
interface Shape {
  columns: Record<string, { type: string; nullable: boolean; default: string | null }>
  /** `primary btree (project_id, id)`, sorted. */
  indexes: string[]
  checks: string[]
  /** `(project_id) → project (id), on delete cascade` */
  foreignKeys: string[]
}

const dialect = new PgDialect()

async function tablesInCode(): Promise<Map<string, PgTable>> {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const modules: Record<string, unknown>[] = await Promise.all(
    files.map((name) => import(/* @vite-ignore */ `${import.meta.dirname}/${name}`)),
  )
  const tables = modules.flatMap((module) => Object.values(module)).filter((value) => is(value, PgTable))
  return new Map(tables.map((table) => [getTableConfig(table).name, table]))
}

function defaultInCode(column: PgColumn): string | null {
  if (column.generatedIdentity) return 'identity'
  if (column.default === undefined) return null
  const written = is(column.default, SQL) ? dialect.sqlToQuery(column.default).sql : String(column.default)
  return written.replaceAll("'", '')
}

function shapeInCode(table: PgTable): Shape {
  const { columns, primaryKeys, uniqueConstraints, indexes, checks, foreignKeys } = getTableConfig(table)
  const names = (list: readonly object[]) => `(${list.map((one) => ('name' in one ? one.name : '?')).join(', ')})`
  return {
    columns: Object.fromEntries(
      columns.map((column) => [
        column.name,
        { type: column.getSQLType(), nullable: !column.notNull, default: defaultInCode(column) },
      ]),
    ),
    indexes: [
      ...columns.filter((column) => column.primary).map((column) => `primary btree (${column.name})`),
      ...primaryKeys.map((key) => `primary btree ${names(key.columns)}`),
      ...columns.filter((column) => column.isUnique).map((column) => `unique btree (${column.name})`),
      ...uniqueConstraints.map((key) => `unique btree ${names(key.columns)}`),
      ...indexes.map(({ config }) =>
        [config.unique ? 'unique' : 'index', config.method ?? 'btree', names(config.columns)].join(' '),
      ),
    ].toSorted(),
    checks: checks.map(({ name }) => name).toSorted(),
    foreignKeys: foreignKeys.map((key) => {
      const { columns: own, foreignTable, foreignColumns } = key.reference()
      const target = `${getTableConfig(foreignTable).name} ${names(foreignColumns)}`
      return `${names(own)} → ${target}, on delete ${key.onDelete}`
    }),
  }
}

async function shapesInDatabase(sql: Sql): Promise<Map<string, Shape>> {
  const rows = await sql<{ name: string; shape: Shape }[]>`
    SELECT c.relname AS name, json_build_object(
      'columns', (
        SELECT json_object_agg(a.attname, json_build_object(
          'type', format_type(a.atttypid, a.atttypmod),
          'nullable', NOT a.attnotnull,
          'default', CASE WHEN a.attidentity <> '' THEN 'identity'
            ELSE replace(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '::[a-z ]+(\\[\\])?$', ''), '''', '') END
        ))
        FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      ),
      'indexes', (
        SELECT coalesce(json_agg(described ORDER BY described COLLATE "C"), '[]')
        FROM pg_index AS i
        JOIN pg_class AS ic ON ic.oid = i.indexrelid
        JOIN pg_am AS am ON am.oid = ic.relam
        CROSS JOIN LATERAL (
          SELECT concat_ws(' ',
            CASE WHEN i.indisprimary THEN 'primary' WHEN i.indisunique THEN 'unique' ELSE 'index' END, am.amname,
            '(' || (
              SELECT string_agg(pg_get_indexdef(i.indexrelid, k, true), ', ' ORDER BY k)
              FROM generate_series(1, i.indnkeyatts) AS k
            ) || ')'
          ) AS described
        ) AS _
        WHERE i.indrelid = c.oid
      ),
      'checks', (
        SELECT coalesce(json_agg(conname ORDER BY conname COLLATE "C"), '[]')
        FROM pg_constraint WHERE conrelid = c.oid AND contype = 'c'
      ),
      'foreignKeys', (
        SELECT coalesce(json_agg(format('(%s) → %s (%s), on delete %s', own.attname, f.confrelid::regclass, other.attname,
          CASE f.confdeltype WHEN 'c' THEN 'cascade' ELSE f.confdeltype::text END)), '[]')
        FROM pg_constraint AS f
        JOIN pg_attribute AS own ON own.attrelid = f.conrelid AND own.attnum = f.conkey[1]
        JOIN pg_attribute AS other ON other.attrelid = f.confrelid AND other.attnum = f.confkey[1]
        WHERE f.conrelid = c.oid AND f.contype = 'f'
      )
    ) AS shape
    FROM pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition`
  return new Map(rows.map(({ name, shape }) => [name, shape]))
}

const inCode = await tablesInCode()
let sql: Sql
let inDatabase: Map<string, Shape>

beforeAll(async () => {
  // Only looked at, and left again at once: nobody can copy the template while somebody is connected to it.
  const url = new URL(inject('adminUrl'))
  url.pathname = `/${inject('template')}`
  sql = postgres(url.href, { max: 1 })
  inDatabase = await shapesInDatabase(sql)
})

afterAll(() => sql.end())

describe('the tables in code and the database agree', () => {
  test('on which tables there are', () => {
    expect([...inDatabase.keys()].toSorted()).toEqual([...inCode.keys()].toSorted())
  })

  test.for([...inCode])('on columns, keys, indexes and checks of %s', ([name, table]) => {
    expect(inDatabase.get(name)).toEqual(shapeInCode(table))
  })
})

test('every table and column is in snake case', () => {
  const names = [...inDatabase].flatMap(([table, { columns }]) => [table, ...Object.keys(columns)])
  expect(names.filter((name) => !/^[a-z]+(_[a-z]+)*$/.test(name))).toEqual([])
})

test('exactly the tables that grow with traffic are partitioned by day, and none has a foreign key', async () => {
  const partitioned = await sql`
    SELECT relname AS name, pg_get_partkeydef(oid) AS key FROM pg_class
    WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace ORDER BY relname`
  expect(partitioned).toEqual(PARTITIONED_TABLES.toSorted().map((name) => ({ name, key: 'RANGE (day)' })))
  for (const table of PARTITIONED_TABLES) expect(inDatabase.get(table)?.foreignKeys).toEqual([])
})

test('every table with tenants’ rows begins its key with the project', () => {
  for (const [name, { columns, indexes }] of inDatabase) {
    if (!Object.hasOwn(columns, 'project_id')) continue
    for (const index of indexes.filter((one) => /^(primary|unique) /.test(one))) {
      expect(index, name).toMatch(/^(primary|unique) btree \(project_id[,)]/)
    }
  }
})

test('bodies of archives are stored as they are, in every partition: compressed bytes are not compressed again', async () => {
  const storage = await sql`
    SELECT DISTINCT attstorage FROM pg_attribute
    WHERE attname = 'body' AND (
      attrelid = 'archive'::regclass OR attrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'archive'::regclass)
    )`
  expect(storage).toEqual([{ attstorage: 'e' }])
})

test('every partition has every index of its table', async () => {
  const lacking = await sql`
    SELECT p.inhrelid::regclass::text AS partition FROM pg_inherits AS p
    JOIN pg_class AS parent ON parent.oid = p.inhparent AND parent.relkind = 'p' AND parent.relnamespace = 'public'::regnamespace
    WHERE (SELECT count(*) FROM pg_index WHERE indrelid = p.inhrelid)
      <> (SELECT count(*) FROM pg_index WHERE indrelid = p.inhparent)`
  expect(lacking).toEqual([])
})

test('analytics.reports has the promised columns in their order, and nothing else is shown', async () => {
  const columns = await sql<{ name: string }[]>`
    SELECT attname AS name FROM pg_attribute
    WHERE attrelid = 'analytics.reports'::regclass AND attnum > 0 ORDER BY attnum`
  expect(columns.map(({ name }) => name)).toEqual(REPORTS_COLUMNS)
  const relations = await sql<{ relname: string }[]>`
    SELECT relname FROM pg_class WHERE relnamespace = 'analytics'::regnamespace ORDER BY relname`
  expect(relations.map(({ relname }) => relname)).toEqual(VIEWS)
})

test('every view of analysts, and every column of it, says what it holds', async () => {
  const silent = await sql`
    SELECT c.oid::regclass::text AS view, a.attname AS column
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace IN ('analytics'::regnamespace, 'project_analytics'::regnamespace)
      AND (coalesce(obj_description(c.oid, 'pg_class'), '') = '' OR coalesce(col_description(c.oid, a.attnum), '') = '')`
  expect(silent, 'COMMENT ON VIEW, COMMENT ON COLUMN').toEqual([])
})

test('a login for some projects has the same views as all others, and each hides the rest before a condition sees it', async () => {
  const views = (schema: string) => sql`
    SELECT c.relname AS view, array_agg(a.attname || ' ' || format_type(a.atttypid, NULL) ORDER BY a.attnum) AS columns
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
    WHERE c.relnamespace = ${schema}::regnamespace GROUP BY c.relname ORDER BY c.relname`
  expect(await views('project_analytics'), 'end the migration with follow_analytics()').toEqual([
    ...(await views('analytics')),
  ])
  const open = await sql`
    SELECT relname FROM pg_class
    WHERE relnamespace = 'project_analytics'::regnamespace AND coalesce(reloptions, '{}') <> '{security_barrier=true}'`
  expect(open).toEqual([])
})
