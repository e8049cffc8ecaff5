import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { cloneDatabase } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { startOwnPostgres } from '../support/own-postgres.ts'
import { runCommand } from '../support/start-command.ts'

let database: DatabaseClone

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.drop())

/** What `rumen doctor --json` finds. */
async function doctor(url: string) {
  const { code, output, errors } = await runCommand('doctor --json', url)
  if (output === '') throw new Error(errors)
  const found: { status: string; checks: Record<string, { status: string; message?: string; advice?: string }> } =
    JSON.parse(output)
  return { code, ...found }
}

test('a sound database is found sound, and what is not is named with what to do', async () => {
  const { code, checks } = await doctor(database.url)
  for (const name of [
    'database',
    'postgres',
    'clock',
    'connections',
    'notifications',
    'schema',
    'partitions',
    'analyst',
  ]) {
    expect(checks[name], name).toMatchObject({ status: 'ok' })
  }
  // Tests may lose their data with the machine.
  expect(checks.durability).toMatchObject({ status: 'failing', advice: expect.stringContaining('fsync = on') })
  expect(checks.login).toMatchObject({ status: 'degraded', message: expect.stringContaining('superuser') })
  expect(code).toBe(1)
})

test('where nothing fails, the exit code says so, whatever else there is to do', async () => {
  const own = await startOwnPostgres({ isDurable: true })
  onTestFinished(own.remove)
  const { code, status, checks } = await doctor(own.url)
  expect(Object.entries(checks).filter(([, check]) => check.status === 'failing')).toEqual([])
  expect({ code, status }).toEqual({ code: 0, status: 'degraded' })
})

test('a database that is behind is told so, and looked at no further', async () => {
  const empty = await cloneDatabase({ adminUrl: inject('adminUrl'), template: 'template1' })
  const { checks } = await doctor(empty.url)
  await empty.drop()
  expect(checks.schema).toMatchObject({ status: 'degraded', advice: expect.stringContaining('migrate --check') })
  expect(checks).not.toHaveProperty('partitions')
})

test('a schema only a newer version knows is failing', async () => {
  const sql = postgres(database.url, { max: 1 })
  await sql`UPDATE schema_floor SET migration = 1000`
  const { checks } = await doctor(database.url)
  await sql`UPDATE schema_floor SET migration = 6`
  await sql.end()
  expect(checks.schema).toMatchObject({ status: 'failing', message: expect.stringContaining('1000') })
})

test('without a database the rest is looked at all the same', async () => {
  const { code, checks } = await doctor('postgres://nobody:secret@127.0.0.1:1/none')
  expect(code).toBe(1)
  expect(checks.database).toMatchObject({ status: 'failing', message: expect.stringContaining('ECONNREFUSED') })
  expect(checks.node).toMatchObject({ status: 'ok' })
  const { output } = await runCommand('doctor', 'postgres://nobody:secret@127.0.0.1:1/none')
  expect(output).toMatch(/^FAIL\tdatabase\t/m)
  expect(output).toMatch(/to do: see DATABASE_URL/)
  expect(output).not.toContain('secret')
})
