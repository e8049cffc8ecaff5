import { migrate } from '@rumen/db/migrate'
import { checkMigrations } from '@rumen/db/migration/check-migrations'
import { checkSchema } from '@rumen/db/migration/check-schema'
import { LOCK_MODES, type LockMode } from '@rumen/db/migration/locks-of'
import { MIGRATIONS_FOLDER } from '@rumen/db/migration/migrations-folder'
import { readMigrations } from '@rumen/db/migration/read-migrations'
import { cloneDatabase } from '@rumen/embedded/clone-database'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startRole } from '../support/start-role.ts'

const migrations = readMigrations(MIGRATIONS_FOLDER)

const releasers: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const release of releasers.reverse()) await release()
})

async function emptyDatabase(): Promise<string> {
  const { url, drop } = await cloneDatabase({ adminUrl: inject('adminUrl'), template: 'template1' })
  releasers.push(drop)
  return url
}

async function open(url: string): Promise<Sql> {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  releasers.push(() => sql.end())
  return sql
}

/** The strongest lock this transaction has on each table of ours that was there before, partitions and indexes left out. */
async function locksHeld(sql: Sql, before: readonly string[]): Promise<ReadonlyMap<string, LockMode>> {
  const rows = await sql<{ name: string; mode: string }[]>`
    SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name,
      upper(regexp_replace(replace(mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) AS mode
    FROM pg_locks
    JOIN pg_class ON pg_class.oid = relation
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pid = pg_backend_pid() AND relkind IN ('r', 'p', 'v') AND nspname IN ('public', 'analytics') AND NOT relispartition`
  const held = new Map<string, LockMode>()
  for (const { name, mode } of rows) {
    const known = LOCK_MODES.find((one) => one === mode)
    const so = held.get(name)
    if (!known || !before.includes(name)) continue
    if (so === undefined || LOCK_MODES.indexOf(known) > LOCK_MODES.indexOf(so)) held.set(name, known)
  }
  return held
}

async function tablesOf(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname AS name
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v') AND nspname IN ('public', 'analytics')`
  return rows.map(({ name }) => name)
}

describe('what a check says of a migration is what PostgreSQL does:', () => {
  let sql: Sql

  beforeAll(async () => {
    sql = await open(await emptyDatabase())
  })

  test.each(migrations)('$name', async (migration) => {
    const before = await tablesOf(sql)
    const [checked] = await checkMigrations(sql, [migration])
    expect(checked?.unknown).toEqual([])
    await sql`BEGIN`
    for (const statement of migration.statements) await sql.unsafe(statement)
    const held = await locksHeld(sql, before)
    const said = new Map(checked?.tables.map(({ table, mode }) => [table, mode]))
    expect(Object.fromEntries(said)).toMatchObject(Object.fromEntries(held))
    // One that is dropped has no name any more that a lock could be found by.
    const after = new Set(await tablesOf(sql))
    expect([...said.keys()].filter((table) => after.has(table)).toSorted()).toEqual([...held.keys()].toSorted())
    expect(checked?.creates.toSorted()).toEqual(
      [...after].filter((name) => !before.includes(name) && !name.includes('.')).toSorted(),
    )
    await sql`COMMIT`
  })
})

describe('a check', () => {
  test('of an empty database names all there is to run, and changes nothing', async () => {
    const url = await emptyDatabase()
    const { pending, current, known } = await checkSchema(url)
    expect(pending.map(({ name }) => name)).toEqual(migrations.map(({ name }) => name))
    expect({ current, known }).toEqual({ current: null, known: migrations.at(-1)?.name })
    expect(await tablesOf(await open(url))).toEqual([])
  })

  test('of one that is up to date has nothing to say', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    expect(await checkSchema(url)).toEqual({
      known: migrations.at(-1)?.name,
      current: migrations.at(-1)?.name,
      isNewer: false,
      pending: [],
    })
  })

  test.for([
    ['an index', 'CREATE INDEX "x" ON "big" USING btree ("n")', { mode: 'SHARE', work: 'rewrite' }],
    [
      'another type',
      'ALTER TABLE "big" ALTER COLUMN "n" SET DATA TYPE bigint',
      { mode: 'ACCESS EXCLUSIVE', work: 'rewrite' },
    ],
    ['a check', 'ALTER TABLE "big" ADD CONSTRAINT "c" CHECK (n > 0)', { mode: 'ACCESS EXCLUSIVE', work: 'scan' }],
    ['a column', 'ALTER TABLE "big" ADD COLUMN "m" text', { mode: 'ACCESS EXCLUSIVE', work: 'at once' }],
    ['rows', 'UPDATE "big" SET n = n + 1', { mode: 'ROW EXCLUSIVE', work: 'rows' }],
  ] as const)('takes the time of %s from the size of the table', async ([, statement, expected]) => {
    const sql = await open(await emptyDatabase())
    await sql`CREATE TABLE big AS SELECT n::integer FROM generate_series(1, 200000) AS n`
    const migration = { number: 99, name: '0099_big', writtenAt: 0, statements: [statement] }
    const [checked] = await checkMigrations(sql, [migration])
    expect(checked?.tables).toMatchObject([{ table: 'big', ...expected }])
    const bytes = checked?.tables[0]?.bytes ?? 0
    expect(bytes).toBeGreaterThan(5 * 1024 ** 2)
    expect(checked?.secondsMax).toBe(
      expected.work === 'at once' ? 0 : bytes / (expected.work === 'scan' ? 100 : 20) / 1024 ** 2,
    )
  })

  test('says which statement it cannot read', async () => {
    const sql = await open(await emptyDatabase())
    const migration = { number: 99, name: '0099_odd', writtenAt: 0, statements: ['CLUSTER report USING x'] }
    expect((await checkMigrations(sql, [migration]))[0]?.unknown).toEqual(['CLUSTER report USING x'])
  })
})

describe('a schema a newer version has changed', () => {
  test('so that this one breaks is refused, by a start as by a check, and nothing is touched', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const sql = await open(url)
    await sql`UPDATE schema_floor SET migration = ${migrations.length}`
    const refusal = `it needs a version that knows migration ${migrations.length}, and this one knows ${migrations.length - 1}`
    await expect(migrate(url)).rejects.toThrow(refusal)
    await expect(checkSchema(url)).rejects.toThrow(refusal)
    await expect(startRole('worker', url)).rejects.toThrow(refusal)
    await expect(startRole('gateway', url)).rejects.toThrow(refusal)
  })

  test('by adding to it alone is fine', async () => {
    const url = await emptyDatabase()
    await migrate(url)
    const sql = await open(url)
    await sql`INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('later', ${Date.now() + 1e12})`
    await migrate(url)
    expect(await checkSchema(url)).toMatchObject({ isNewer: true, pending: [] })
  })
})
