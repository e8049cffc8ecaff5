import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAnalyst } from '@rumen/db/analyst/create-analyst'
import { connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import { type RunningPostgres, startPostgres } from '@rumen/embedded/start-postgres'
import { makeThrowawayFolder } from '@rumen/embedded/throwaway-folder'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRole } from '../support/start-role.ts'
import { PSQLS, STAND_IN } from './run-psql.ts'

const LOGINS = fileURLToPath(new URL('../../docker/postgres/logins.sql', import.meta.url))
const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))
const TIMEOUT = 240_000

/** Everything that has a meaning in SQL, in an address, in a shell or in compose. */
const PASSWORDS = {
  RUMEN_DATABASE_PASSWORD: `r'u"m\\en $HOME \${X} @/:?#%41&;-- unlogged`,
  METABASE_DATABASE_PASSWORD: `m'e'$$ta:'rumen_password' unlogged`,
  METABASE_READONLY_PASSWORD: `o\\'n"ly@/% unlogged`,
}

describe.each(PSQLS)('the logins, by %s', (name, psql) => {
  let folder: string
  let server: RunningPostgres

  beforeAll(async () => {
    folder = await makeThrowawayFolder()
    server = await startPostgres({
      dataDir: folder,
      // It tells all it can: what logins.sql does not keep from the log stands there.
      settings: {
        fsync: 'off',
        log_statement: 'all',
        log_min_duration_statement: '0',
        log_min_error_statement: 'error',
      },
    })
  }, TIMEOUT)

  afterAll(async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const PGPASSWORD = PASSWORDS.RUMEN_DATABASE_PASSWORD
  const url = () => `postgres://rumen@127.0.0.1:${server.port}/rumen`

  /** Who somebody is after having logged in; rejects with what PostgreSQL says. */
  async function logIn(username: string, password: string, database: string): Promise<string> {
    const sql = postgres({ host: '127.0.0.1', port: server.port, username, password, database, max: 1 })
    try {
      const [row] = await sql`SELECT current_user`
      return String(row?.current_user)
    } finally {
      await sql.end()
    }
  }

  test('are made, twice with the same result, and get in where they belong', { timeout: TIMEOUT }, async () => {
    for (const time of ['first', 'second']) {
      const { exitCode, output } = await psql(LOGINS, server.url, PASSWORDS)
      expect({ exitCode, output }, time).toEqual({ exitCode: 0, output: '' })
    }
    expect(await logIn('rumen', PASSWORDS.RUMEN_DATABASE_PASSWORD, 'rumen')).toBe('rumen')
    expect(await logIn('metabase', PASSWORDS.METABASE_DATABASE_PASSWORD, 'metabase')).toBe('metabase')
    expect(await logIn('metabase_readonly', PASSWORDS.METABASE_READONLY_PASSWORD, 'rumen')).toBe('metabase_readonly')
    const elsewhere = [
      ['metabase', PASSWORDS.METABASE_DATABASE_PASSWORD, 'postgres'],
      ['metabase_readonly', PASSWORDS.METABASE_READONLY_PASSWORD, 'metabase'],
      ['rumen', PASSWORDS.RUMEN_DATABASE_PASSWORD, 'metabase'],
    ] as const
    for (const [login, password, database] of elsewhere) {
      await expect(logIn(login, password, database), `${login} in ${database}`).rejects.toMatchObject({ code: '42501' })
    }
    await expect(logIn('rumen', 'wrong', 'rumen')).rejects.toMatchObject({ code: '28P01' })
  })

  // What these look at is the same whoever made the logins.
  if (name === STAND_IN)
    describe('of Rumen and Metabase', () => {
      test('Rumen migrates, and its processes start, with the password beside the address', {
        timeout: TIMEOUT,
      }, async () => {
        const migration = spawn(process.execPath, [CLI, 'migrate'], {
          env: { PATH: process.env.PATH, DATABASE_URL: url(), PGPASSWORD },
          stdio: ['ignore', 'pipe', 'pipe'],
        })
        let said = ''
        migration.stdout.on('data', (text) => (said += text))
        migration.stderr.on('data', (text) => (said += text))
        const [code] = await once(migration, 'close')
        expect(code, said).toBe(0)
        // A migration that may not do something says so.
        expect(said).not.toMatch(/metabase_readonly|may not/)
        for (const role of ['gateway', 'worker'] as const) {
          // It resolves once the process says that it is ready: both drivers have logged in by then.
          const running = await startRole(role, url(), { PGPASSWORD })
          await running.stop()
        }
      })

      test('the analyst has its time-outs and sees the views, and nothing else', { timeout: TIMEOUT }, async () => {
        const sql = postgres({
          host: '127.0.0.1',
          port: server.port,
          username: 'metabase_readonly',
          password: PASSWORDS.METABASE_READONLY_PASSWORD,
          database: 'rumen',
          max: 1,
        })
        const [limits] = await sql`SELECT current_setting('statement_timeout') AS statement`
        expect(limits).toEqual({ statement: '30s' })
        expect(await sql`SELECT * FROM analytics.reports`).toEqual([])
        await expect(sql`SELECT FROM public.archive`).rejects.toMatchObject({ code: '42501' })
        await sql.end()
      })

      test('Rumen makes logins for analysts of one project, who get in', { timeout: TIMEOUT }, async () => {
        const address = new URL(url())
        address.password = encodeURIComponent(PGPASSWORD)
        const { db, close } = connect(address.href, { poolSize: 1, name: 'test' })
        const { id } = await createProject(db, { name: 'Shop' })
        const password = 'of the analyst'
        expect(await createAnalyst(db, { name: 'shop_analyst', projectIds: [id], password })).toEqual({
          outcome: 'created',
        })
        await close()
        expect(await logIn('shop_analyst', password, 'rumen')).toBe('shop_analyst')
      })

      test('the login of Metabase gets into that database, and sees nothing of it', { timeout: TIMEOUT }, async () => {
        const sql = postgres({
          host: '127.0.0.1',
          port: server.port,
          username: 'metabase',
          password: PASSWORDS.METABASE_DATABASE_PASSWORD,
          database: 'rumen',
          max: 1,
        })
        for (const table of ['public.archive', 'public.project_key', 'analytics.reports', 'pgboss.job']) {
          await expect(sql.unsafe(`SELECT FROM ${table}`), table).rejects.toMatchObject({ code: '42501' })
        }
        await expect(sql`CREATE TEMPORARY TABLE mine ()`).rejects.toMatchObject({ code: '42501' })
        await sql.end()
      })
    })

  test('a password that was changed holds from the next start on', { timeout: TIMEOUT }, async () => {
    const changed = { ...PASSWORDS, METABASE_DATABASE_PASSWORD: 'another' }
    expect(await psql(LOGINS, server.url, changed)).toEqual({ exitCode: 0, output: '' })
    expect(await logIn('metabase', 'another', 'metabase')).toBe('metabase')
    await expect(logIn('metabase', PASSWORDS.METABASE_DATABASE_PASSWORD, 'metabase')).rejects.toMatchObject({
      code: '28P01',
    })
  })

  test('no password stands in the log of the server, not even of a statement that failed', {
    timeout: TIMEOUT,
  }, async () => {
    const admin = postgres(server.url, { max: 1 })
    await admin`ALTER DATABASE postgres SET default_transaction_read_only = on`
    const { exitCode, output } = await psql(LOGINS, server.url, { ...PASSWORDS, RUMEN_DATABASE_PASSWORD: 'unlogged' })
    await admin`SET default_transaction_read_only = off`
    await admin`ALTER DATABASE postgres RESET default_transaction_read_only`
    await admin.end()
    expect(exitCode).toBe(3)
    expect(output).toContain('cannot execute ALTER ROLE in a read-only transaction')
    const log = await readFile(join(folder, 'server.log'), 'utf8')
    // The settings are what is told last: then the log holds its tongue.
    expect(log).toContain('cannot execute ALTER ROLE in a read-only transaction')
    expect(log).toContain('SET log_statement')
    expect(log.includes('unlogged')).toBe(false)
  })
})
