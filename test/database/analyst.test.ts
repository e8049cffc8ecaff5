import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { migrate } from '@rumen/db/migrate'
import { createDatabase } from '@rumen/embedded/create-database'
import { type RunningPostgres, startPostgres } from '@rumen/embedded/start-postgres'
import { installQueues } from '@rumen/queue/install-queues'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

// Roles belong to the whole server and are altered here, so this file has a server of its own.
let dataDir: string
let server: RunningPostgres
let admin: Sql
const warnings: string[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rumen-test-'))
  const binDir = process.env.RUMEN_TEST_POSTGRES_BIN
  server = await startPostgres({ dataDir, settings: { fsync: 'off' }, ...(binDir ? { binDir } : {}) })
  admin = postgres(server.url, { onnotice: () => undefined })
})

afterAll(async () => {
  await admin.end()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

/** A database and the address at which a login reaches it. */
async function database(name: string, login?: string): Promise<string> {
  await createDatabase(server.url, name)
  const url = new URL(server.url)
  url.pathname = `/${name}`
  if (login !== undefined) {
    await admin.unsafe(`ALTER DATABASE ${name} OWNER TO ${login}`)
    Object.assign(url, { username: login, password: 'secret' })
  }
  return url.href
}

async function tablesOf(url: string): Promise<string[]> {
  const sql = postgres(url, { max: 1 })
  const rows = await sql<{ name: string }[]>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss', 'drizzle')`
  await sql.end()
  return rows.map(({ name }) => name)
}

test('a login that may not create roles migrates all the same, and is told what is missing', async () => {
  await admin.unsafe(`CREATE ROLE modest LOGIN PASSWORD 'secret'`)
  const url = await database('modest', 'modest')
  await migrate(url, (warning) => warnings.push(warning))
  await installQueues(url)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('metabase_readonly')
  const sql = postgres(url, { max: 1 })
  expect(await sql`SELECT * FROM analytics.reports`).toHaveLength(0)
  await sql.end()
  const roles = await admin`SELECT FROM pg_roles WHERE rolname = 'metabase_readonly'`
  expect(roles).toHaveLength(0)
})

test('the words of that warning are what it takes: then the analyst can read', async () => {
  const grants = /GRANT .*/.exec(warnings[0] ?? '')?.[0] ?? ''
  await admin.unsafe('CREATE ROLE metabase_readonly')
  const url = new URL(server.url)
  url.pathname = '/modest'
  const sql = postgres(url.href, { max: 1 })
  await sql.unsafe(grants)
  await sql.unsafe('SET ROLE metabase_readonly')
  expect(await sql`SELECT * FROM analytics.reports`).toHaveLength(0)
  await sql.end()
  // The next test begins where a privileged migration does: without the role.
  const cleaner = postgres(url.href, { max: 1 })
  await cleaner.unsafe('DROP OWNED BY metabase_readonly')
  await cleaner.end()
  await admin.unsafe('DROP ROLE metabase_readonly')
})

test('a migration that may create roles says nothing and makes the analyst', async () => {
  const url = await database('rumen')
  const said: string[] = []
  await migrate(url, (warning) => said.push(warning))
  await installQueues(url)
  expect(said).toEqual([])
  const roles = await admin`
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolpassword FROM pg_authid WHERE rolname = 'metabase_readonly'`
  expect(roles).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolpassword: null }])
})

test('who logs in as the analyst has short time-outs, reads the reports, and nothing else', async () => {
  await admin.unsafe(`ALTER ROLE metabase_readonly LOGIN PASSWORD 'secret'`)
  const url = new URL(server.url)
  Object.assign(url, { pathname: '/rumen', username: 'metabase_readonly', password: 'secret' })
  const sql = postgres(url.href, { max: 1 })
  try {
    const [limits] = await sql`
      SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle`
    expect(limits).toEqual({ statement: '30s', idle: '10s' })
    expect(await sql`SELECT * FROM analytics.reports`).toHaveLength(0)
    const tables = await tablesOf(new URL('/rumen', server.url).href)
    expect(tables).toEqual(
      expect.arrayContaining(['public.project_key', 'public.archive', 'pgboss.job', 'public.dim_user']),
    )
    for (const table of tables) {
      await expect(sql.unsafe(`SELECT FROM ${table} LIMIT 1`), table).rejects.toMatchObject({ code: '42501' })
    }
    for (const change of ['DELETE FROM analytics.reports', 'CREATE TABLE analytics.mine ()', 'CREATE TABLE mine ()']) {
      await expect(sql.unsafe(change), change).rejects.toThrow()
    }
  } finally {
    await sql.end()
  }
})

test('an event without a single dimension is a row all the same: what it lacks is null', async () => {
  const url = new URL('/rumen', server.url)
  const sql = postgres(url.href, { max: 1 })
  await sql`INSERT INTO project (slug, name) VALUES ('shop', 'Shop')`
  await sql`
    INSERT INTO issue (project_id, number, title, culprit, level, first_seen, last_seen) VALUES (1, 7, 'Boom', '', 3, now(), now())`
  await sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts) VALUES (1, '\\x00', 1, 'v1', 'boom', '[]')`
  await sql`
    INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
    VALUES (1, '0123456789abcdef0123456789abcdef', current_date, '\\xab', 0, 1, now(), now(), 4)`
  const rows = await sql`SELECT * FROM analytics.reports`
  await sql.end()
  expect(rows).toHaveLength(1)
  const { project_id, issue_id, occurred_at, received_at, digested_at, day, ...shown } = rows[0] ?? {}
  const filled = Object.fromEntries(Object.entries(shown).filter(([, value]) => value !== null))
  expect(filled).toEqual({
    project: 'shop',
    issue: 'shop-7',
    event_id: '0123456789abcdef0123456789abcdef',
    archive_hash: 'ab',
    level: 'fatal',
    title: 'Boom',
    culprit: '',
    tags: {},
  })
  expect(Object.keys(shown)).toContain('os_name')
})

test('another migration that touches the role at the same moment stops nobody', async () => {
  const url = await database('second')
  const other = await admin.reserve()
  await other`BEGIN`
  await other.unsafe(`ALTER ROLE metabase_readonly SET statement_timeout = '30s'`)
  const migrated = migrate(url)
  const finished = migrated.catch(() => undefined)
  // It waits for the other one's row of settings, unless it found a way around it.
  const waits = async () => {
    const rows = await admin`SELECT FROM pg_stat_activity WHERE datname = 'second' AND wait_event_type = 'Lock'`
    return rows.length > 0
  }
  await Promise.race([finished, waitFor('the migration', waits)])
  await other`COMMIT`
  other.release()
  await expect(migrated).resolves.toBeUndefined()
})
