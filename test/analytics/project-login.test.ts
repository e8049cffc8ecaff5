import { readdir, readFile } from 'node:fs/promises'
import { createAnalyst } from '@rumen/db/analyst/create-analyst'
import { connect } from '@rumen/db/connect'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Shop, startShop } from './start-shop.ts'

const PASSWORD = 'correct horse battery staple'

let shop: Shop
let eve: Sql

beforeAll(async () => {
  shop = await startShop()
  const { db, close } = connect(shop.url, { poolSize: 1, name: 'test' })
  const analyst = { name: 'eve', projectIds: [parseProjectId('2')], password: PASSWORD }
  await createAnalyst(db, analyst).finally(close)
  // Somebody else is shown another one.
  await shop.sql`INSERT INTO analyst_project (project_id, role_name) VALUES (1, 'metabase_readonly')`
  eve = shop.login('eve', PASSWORD)
}, 120_000)

afterAll(() => shop.stop())

describe('a login for one project', () => {
  test('reads the same views with the same columns, and sees its project only', async () => {
    const views = await shop.sql<{ name: string }[]>`
      SELECT relname AS name FROM pg_class WHERE relnamespace = 'analytics'::regnamespace`
    for (const { name } of views) {
      const all = await shop.sql`SELECT * FROM ${shop.sql(`analytics.${name}`)} WHERE project_id = 2`
      const own = await eve`SELECT * FROM ${eve(name)}`
      expect(
        own.columns.map((column) => column.name),
        name,
      ).toEqual(all.columns.map((column) => column.name))
      const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()
      expect(sorted(own), name).toEqual(sorted(all))
    }
    expect(await eve`SELECT DISTINCT project FROM reports`).toEqual([{ project: 'blog' }])
    expect(await eve`SELECT project FROM projects`).toEqual([{ project: 'blog' }])
  })

  test.for([
    'SELECT FROM analytics.reports',
    'SELECT FROM public.report',
    'SELECT FROM public.analyst_project',
    "INSERT INTO public.analyst_project (project_id, role_name) VALUES (1, 'eve')",
    'SET ROLE metabase_readonly',
    'CREATE TEMPORARY TABLE mine (id int)',
    "CREATE FUNCTION project_analytics.leak(text) RETURNS bool COST 0.0001 LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'",
  ])('is refused: %s', async (attempt) => {
    await eve`SET default_transaction_read_only = off`
    await expect(eve.unsafe(attempt)).rejects.toMatchObject({ code: '42501' })
  })

  test('has the same limits as metabase_readonly', async () => {
    const [limits] = await shop.sql`
      SELECT rolconfig, rolconnlimit, rolsuper OR rolcreaterole OR rolcreatedb AS may FROM pg_roles WHERE rolname = 'eve'`
    expect(limits).toEqual({
      rolconfig: [
        'statement_timeout=30s',
        'idle_in_transaction_session_timeout=10s',
        'default_transaction_read_only=on',
        'search_path=project_analytics',
      ],
      rolconnlimit: 10,
      may: false,
    })
  })

  test('learns nothing of other projects from an error', async () => {
    await shop.sql`INSERT INTO project (slug, name) VALUES ('empty', 'Empty')`
    await shop.sql`INSERT INTO project_counter (project_id) SELECT id FROM project WHERE slug = 'empty'`
    await shop.sql`INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM project WHERE slug = 'empty'`
    await shop.sql`UPDATE analyst_project SET project_id = (SELECT id FROM project WHERE slug = 'empty') WHERE role_name = 'eve'`
    for (const [view, column] of [
      ['reports', 'user_email'],
      ['reports', 'exception_type'],
      ['issues', 'title'],
      ['feedback', 'message'],
      ['transactions', 'transaction'],
      ['issue_tags', 'tag_value'],
    ]) {
      // Whoever tried it on a row of somebody else's would fail, and say with what.
      const count = eve.unsafe(`SELECT count(*)::int AS rows FROM ${view} WHERE ${column}::int > 0`)
      await expect(count, `${view}.${column}`).resolves.toEqual([{ rows: 0 }])
    }
    await shop.sql`UPDATE analyst_project SET project_id = 2 WHERE role_name = 'eve'`
  })

  test('sees nothing any more when its project is gone', async () => {
    await shop.sql`DELETE FROM analyst_project WHERE role_name = 'eve'`
    expect(await eve`SELECT FROM reports`).toHaveLength(0)
    expect(await eve`SELECT FROM outcomes`).toHaveLength(0)
    await shop.sql`INSERT INTO analyst_project (project_id, role_name) VALUES (2, 'eve')`
    expect(await eve`SELECT FROM reports`).toHaveLength(2)
  })

  test('sees what a later migration adds, as metabase_readonly does', async () => {
    await shop.sql.unsafe(`
      CREATE VIEW analytics.later AS SELECT id AS project_id FROM visible_project;
      COMMENT ON VIEW analytics.later IS 'later';
      SELECT follow_analytics()`)
    expect(await eve`SELECT * FROM later`).toEqual([{ project_id: '2' }])
    await shop.sql`ALTER ROLE metabase_readonly PASSWORD 'secret'`
    const analyst = shop.login('metabase_readonly', 'secret')
    expect((await analyst`SELECT FROM later`).length).toBeGreaterThan(1)
    await shop.sql`DROP VIEW analytics.later CASCADE`
  })
})

test('the server does not get the password: not even its log has it', async () => {
  const [kept] = await shop.sql`SELECT rolpassword FROM pg_authid WHERE rolname = 'eve'`
  expect(kept?.rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/)
  const names = await readdir(shop.folder, { recursive: true })
  const logs = await Promise.all(
    names.filter((name) => name.endsWith('.log')).map((name) => readFile(`${shop.folder}/${name}`, 'utf8')),
  )
  expect(logs.join('')).toContain('CREATE ROLE "eve"')
  expect(logs.join('')).not.toContain(PASSWORD)
})
