import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { migrate } from '@rumen/db/migrate'
import { checkSchema } from '@rumen/db/migration/check-schema'
import type { NewProject } from '@rumen/db/project/create-project'
import { cloneDatabase } from '@rumen/embedded/clone-database'
import { installQueues } from '@rumen/queue/install-queues'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { startRole } from '../support/start-role.ts'
import { waitFor } from '../support/wait-for.ts'

// Every release left its schema behind, with data in it: each must become what a new database gets, with nothing lost.

const FOLDER = new URL('../fixtures/schema/', import.meta.url)
const RELEASES = readdirSync(FOLDER).filter((name) => name.endsWith('.sql'))

const releasers: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const release of releasers.reverse()) await release()
})

async function open(url: string): Promise<Sql> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  releasers.push(() => sql.end())
  return sql
}

async function restore(release: string): Promise<string> {
  const { url, drop } = await cloneDatabase({ adminUrl: inject('adminUrl'), template: 'template1' })
  releasers.push(drop)
  // A dump changes settings of its session.
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  await sql.unsafe(readFileSync(new URL(release, FOLDER), 'utf8'))
  await sql.end()
  return url
}

/** What a schema is made of, a line each; partitions look like their parents. */
async function describeSchema(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    WITH relation AS (
      SELECT pg_class.oid, relkind, relacl, reloptions, format('%s.%s', nspname, relname) AS name
      FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
      WHERE nspname IN ('public', 'analytics') AND relkind IN ('r', 'p', 'v') AND NOT relispartition
    )
    SELECT concat_ws(' ', 'relation', name, relkind, reloptions, relacl) AS line FROM relation
    UNION ALL
    SELECT concat_ws(' ', 'column', name, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attstorage,
        pg_get_expr(adbin, adrelid))
      FROM relation
      JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
      LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    UNION ALL
    SELECT concat_ws(' ', 'index', name, pg_get_indexdef(indexrelid)) FROM relation JOIN pg_index ON indrelid = relation.oid
    UNION ALL
    SELECT concat_ws(' ', 'constraint', name, conname, pg_get_constraintdef(pg_constraint.oid))
      FROM relation JOIN pg_constraint ON conrelid = relation.oid WHERE contype <> 'n'
    UNION ALL
    SELECT concat_ws(' ', 'trigger', name, pg_get_triggerdef(pg_trigger.oid))
      FROM relation JOIN pg_trigger ON tgrelid = relation.oid WHERE NOT tgisinternal
    UNION ALL
    SELECT concat_ws(' ', 'view', name, pg_get_viewdef(oid)) FROM relation WHERE relkind = 'v'
    UNION ALL
    SELECT concat_ws(' ', 'comment', name, objsubid, description) FROM relation JOIN pg_description ON objoid = relation.oid
    UNION ALL
    SELECT concat_ws(' ', 'function', pg_get_functiondef(pg_proc.oid))
      FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'analytics'::regnamespace)
    UNION ALL
    SELECT concat_ws(' ', 'pg-boss', version) FROM pgboss.version`
  return rows.map(({ line }) => line).toSorted()
}

interface Content {
  rows: number
  /** Of all rows, by the columns the release had. */
  checksum: string
}

/** Columns of each table, as they are now. */
async function columnsOf(sql: Sql): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await sql<{ name: string; columns: string[] }[]>`
    SELECT relname AS name, array_agg(quote_ident(attname) ORDER BY attnum) AS columns
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    GROUP BY relname`
  return new Map(rows.map(({ name, columns }) => [name, columns]))
}

async function contentOf(
  sql: Sql,
  tables: ReadonlyMap<string, readonly string[]>,
): Promise<Readonly<Record<string, Content>>> {
  const contents: Record<string, Content> = {}
  for (const [table, columns] of tables) {
    const rows = await sql.unsafe(`SELECT ROW(${columns.join(', ')})::text AS line FROM "${table}"`)
    const lines = rows.map(({ line }) => `${line}`).toSorted()
    contents[table] = { rows: lines.length, checksum: hash('sha256', lines.join('\n')) }
  }
  return contents
}

test('there is the schema of every release', () => {
  expect(RELEASES).toContain('0.1.0.sql')
})

describe.each(RELEASES)('a database of %s', (release) => {
  let url: string
  let sql: Sql

  beforeAll(async () => {
    url = await restore(release)
    sql = await open(url)
  })

  test('has had the migrations that are in this checkout, unchanged', async () => {
    const ran = await sql<{ hash: string }[]>`SELECT hash FROM drizzle.__drizzle_migrations ORDER BY created_at`
    const folder = new URL('../../drizzle/', import.meta.url)
    const files = readdirSync(folder)
      .filter((name) => name.endsWith('.sql'))
      .toSorted()
    const hashes = files.map((name) => hash('sha256', readFileSync(new URL(name, folder))))
    expect(
      ran.map((row) => row.hash),
      'a migration that was released never changes: write another',
    ).toEqual(hashes.slice(0, ran.length))
  })

  test('is told what will run, and that older versions go on running meanwhile', async () => {
    const { pending } = await checkSchema(url)
    expect(pending.length).toBeGreaterThan(0)
    expect(pending.flatMap(({ unknown }) => unknown)).toEqual([])
    expect(pending.filter(({ isBreaking }) => isBreaking)).toEqual([])
  })

  test('keeps nobody waiting while the migration waits for its locks', async () => {
    const held = await restore(release)
    const reader = await open(held)
    const [end, begun] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const reading = reader.begin(async (tx) => {
      await tx`SELECT count(*) FROM project`
      begun.resolve()
      await end.promise
    })
    await begun.promise
    const migrating = migrate(held)
    const others = await open(held)
    await waitFor('the migration to want its lock', async () => {
      const [row] = await others`SELECT FROM pg_locks WHERE NOT granted AND relation = 'project'::regclass`
      return row !== undefined
    })
    // Stands behind the migration, which stands behind the reader: it would wait for ever if the migration did.
    await others`UPDATE project SET name = 'Shop two' WHERE id = 1`
    end.resolve()
    await reading
    await migrating
    expect(await others`SELECT name FROM project WHERE id = 1`).toEqual([{ name: 'Shop two' }])
    expect(await checkSchema(held)).toMatchObject({ pending: [] })
  })

  test('becomes what a new one is, and has all it had', async () => {
    const tables = await columnsOf(sql)
    const before = await contentOf(sql, tables)
    expect(before.report?.rows).toBeGreaterThan(50)
    await migrate(url)
    await installQueues(url)
    expect(await contentOf(sql, tables)).toEqual(before)
    const { url: newUrl, drop } = await cloneDatabase({
      adminUrl: inject('adminUrl'),
      template: inject('template'),
    })
    releasers.push(drop)
    expect(await describeSchema(sql)).toEqual(await describeSchema(await open(newUrl)))
  })

  test('is worked on: what waited is digested, so is what comes, and all counters are right', async () => {
    const [{ count: waiting } = { count: 0 }] = await sql<{ count: number }[]>`
      SELECT count(*)::int AS count FROM pgboss.job WHERE name LIKE 'digest%'`
    expect(waiting).toBeGreaterThan(0)
    const gateway = await startRole('gateway', url)
    releasers.push(gateway.stop)
    const worker = await startRole('worker', url)
    releasers.push(worker.stop)
    await waitFor('the jobs of the old version', async () => {
      const rows = await sql`SELECT FROM pgboss.job WHERE name LIKE 'digest%'`
      return rows.length === 0
    })
    const [project] = await sql<NewProject[]>`
      SELECT project_id AS id, public_key AS "publicKey" FROM project_key ORDER BY project_id LIMIT 1`
    if (!project) throw new Error('there is no project')
    const event = makeEvent()
    const gatewayUrl = `http://127.0.0.1:${gateway.port}`
    expect((await postEnvelope(gatewayUrl, project, makeEnvelope(event))).status).toBe(200)
    await waitFor('its report', async () => {
      const rows = await sql`SELECT FROM analytics.reports WHERE event_id = ${event.event_id}`
      return rows.length === 1
    })
    for (const { id } of await sql<{ id: string }[]>`SELECT id::text FROM project`) {
      expect(await recount(sql, { id })).toEqual([])
    }
  })
})
