import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Shop, startShop } from './start-shop.ts'

const REFUSED = '42501'

let shop: Shop
let analyst: Sql

beforeAll(async () => {
  shop = await startShop()
  await shop.sql`ALTER ROLE metabase_readonly PASSWORD 'secret'`
  analyst = shop.login('metabase_readonly', 'secret')
  // Whatever is refused from here on is refused by a right, not by a default that anybody may switch off.
  expect(await analyst`SHOW transaction_read_only`).toEqual([{ transaction_read_only: 'on' }])
  await analyst`SET default_transaction_read_only = off`
}, 120_000)

afterAll(() => shop.stop())

describe('metabase_readonly', () => {
  test('reads every view', async () => {
    const views = await shop.sql<{ name: string }[]>`
      SELECT relname AS name FROM pg_class WHERE relnamespace = 'analytics'::regnamespace`
    expect(views.length).toBeGreaterThan(15)
    for (const { name } of views) {
      const [row] = await analyst`SELECT count(*)::int AS rows FROM ${analyst(`analytics.${name}`)}`
      expect(row?.rows, name).toBeGreaterThan(0)
    }
  })

  test.for([
    ['DSN keys', 'SELECT public_key FROM public.project_key'],
    ['bodies', 'SELECT body FROM public.archive'],
    ['bodies that were kept', 'SELECT body FROM public.keeper'],
    ['addresses of senders', 'SELECT client_ip FROM public.archive'],
    ['password hashes', 'SELECT rolpassword FROM pg_authid'],
    ['password hashes, in another view', 'SELECT passwd FROM pg_shadow'],
    ['what columns hold most often', 'SELECT * FROM pg_statistic'],
    ['large objects', 'SELECT * FROM pg_largeobject'],
    ['how people log in', 'SELECT * FROM pg_hba_file_rules'],
    ['jobs', 'SELECT data FROM pgboss.job'],
    ['what was migrated', 'SELECT * FROM drizzle.__drizzle_migrations'],
    ['who is shown what', 'SELECT * FROM public.analyst_project'],
    ['the views below', 'SELECT * FROM public.visible_issue'],
    ['the other schema', 'SELECT * FROM project_analytics.reports'],
    ['to write through a view', "INSERT INTO analytics.projects (name) VALUES ('Mine')"],
    ['to change through a view', "UPDATE analytics.projects SET name = 'Mine'"],
    ['to delete through a view', 'DELETE FROM analytics.projects'],
    ['to empty a table', 'TRUNCATE public.report'],
    ['to lock a table', 'DO $$ BEGIN LOCK TABLE public.archive IN ACCESS SHARE MODE; END $$'],
    ['to lock rows', 'SELECT * FROM analytics.projects FOR UPDATE'],
    ['to take a number', "SELECT nextval('public.project_id_seq')"],
    ['a table', 'CREATE TABLE public.mine (id int)'],
    ['a table in the views’ schema', 'CREATE TABLE analytics.mine (id int)'],
    ['a temporary table', 'CREATE TEMPORARY TABLE mine (id int)'],
    ['a schema', 'CREATE SCHEMA mine'],
    ['a function', "CREATE FUNCTION analytics.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
    ['to drop an extension', 'DROP EXTENSION plpgsql'],
    ['a role', 'CREATE ROLE mine'],
    ['to be somebody else', 'SET ROLE postgres'],
    ['to be a superuser', 'ALTER ROLE metabase_readonly SUPERUSER'],
    ['to lock another out', "ALTER ROLE postgres PASSWORD 'mine'"],
    ['a program', "COPY (SELECT 1) TO PROGRAM 'id'"],
    ['to write a file', "COPY (SELECT 1) TO '/tmp/mine'"],
    ['to read a file', "SELECT pg_read_file('postgresql.conf')"],
    ['to list files', "SELECT pg_ls_dir('.')"],
    ['to load a file', "SELECT lo_import('/etc/passwd')"],
    ['the server’s settings', 'ALTER SYSTEM SET log_statement = none'],
    ['settings read anew', 'SELECT pg_reload_conf()'],
    ['to make views', 'SELECT public.follow_analytics()'],
    ['to end others', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres'"],
    ['no log of its statements', 'SET log_statement = none'],
    ['a view of its own', 'ALTER VIEW analytics.reports OWNER TO metabase_readonly'],
  ])('does not get %s', async ([, attempt]) => {
    await expect(analyst.unsafe(attempt ?? '')).rejects.toMatchObject({ code: REFUSED })
  })

  test('does not see what others ask, nor what is in the tables’ statistics', async () => {
    const asked = await analyst<{ query: string }[]>`
      SELECT query FROM pg_stat_activity WHERE usename = 'postgres' AND query <> ''`
    expect([...new Set(asked.map(({ query }) => query))]).toEqual(['<insufficient privilege>'])
    await shop.sql`ANALYZE`
    expect(await shop.sql`SELECT FROM pg_stats WHERE tablename = 'dim_user'`).not.toHaveLength(0)
    expect(
      await analyst`SELECT FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    ).toHaveLength(0)
  })

  test('is refused every table, whichever there are', async () => {
    const tables = await shop.sql<{ name: string }[]>`
      SELECT format('%I.%I', nspname, relname) AS name
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND nspname IN ('public', 'pgboss', 'drizzle', 'project_analytics')`
    expect(tables.length).toBeGreaterThan(100)
    const may = await shop.sql`
      SELECT name FROM unnest(${tables.map(({ name }) => name)}::text[]) AS name
      WHERE has_any_column_privilege('metabase_readonly', name, 'SELECT, INSERT, UPDATE, REFERENCES')
        AND has_schema_privilege('metabase_readonly', split_part(name, '.', 1), 'USAGE')`
    expect(may).toEqual([])
  })

  test('can do what the page says PostgreSQL lets everybody do, and no more comes of it', async () => {
    await analyst`SET statement_timeout = 0`
    await analyst`NOTIFY rumen_key`
    expect(await analyst`SELECT pg_try_advisory_lock(1) AS taken`).toEqual([{ taken: true }])
    expect(await analyst`SELECT pg_advisory_unlock(1) AS freed`).toEqual([{ freed: true }])
  })
})
