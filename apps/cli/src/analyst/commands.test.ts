import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readSettings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { createDatabase } from '@rumen/embedded/create-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const CLI = fileURLToPath(new URL('../main.ts', import.meta.url))
// Roles belong to the whole server, which other files use at the same time.
const RUN = randomBytes(4).toString('hex')
const EVE = `eve_${RUN}`
const ADA = `ada_${RUN}`
const MODEST = `modest_${RUN}`
const DAN = `dan_${RUN}`

let database: DatabaseClone
let connection: Connection
let sql: Connection['sql']

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 1, name: 'test' })
  sql = connection.sql
  await createProject(connection.db, { name: 'Shop' })
  await createProject(connection.db, { name: 'Blog' })
}, 120_000)

afterAll(async () => {
  await sql.unsafe(`DROP DATABASE IF EXISTS ${MODEST}`)
  for (const role of [EVE, ADA, DAN, MODEST]) {
    await sql.unsafe(
      `DO $$ BEGIN IF to_regrole('${role}') IS NOT NULL THEN DROP OWNED BY ${role}; DROP ROLE ${role}; END IF; END $$`,
    )
  }
  await connection.close()
  await database.drop()
})

/** What `rumen analyst …` prints, called in this process. */
async function rumen(words: readonly string[], url = database.url): Promise<string> {
  const found = findCommand(['analyst', ...words])
  if (!found) throw new Error(`no such command: ${words}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text))
  const settings = readSettings({ DATABASE_URL: url })
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

/** Makes a login in a process of its own, which gets the password at its standard input; throws what that says when it fails. */
async function createWith(password: string, words: readonly string[]): Promise<void> {
  const running = promisify(execFile)(process.execPath, [CLI, 'analyst', 'create', ...words, '--password-stdin'], {
    env: { PATH: process.env.PATH, DATABASE_URL: database.url },
  })
  running.child.stdin?.end(password)
  await running
}

async function projectsOf(name: string, password: string, url = database.url): Promise<string[]> {
  const address = new URL(url)
  Object.assign(address, { username: name, password })
  const login = connect(address.href, { poolSize: 1, name: 'test' })
  const rows = await login.sql<{ project: string }[]>`SELECT project FROM projects ORDER BY project`.finally(
    login.close,
  )
  return rows.map(({ project }) => project)
}

test('a login gets its password from standard input', async () => {
  await createWith('correct horse battery staple\n', [EVE, '--project', '2'])
  expect(await projectsOf(EVE, 'correct horse battery staple')).toEqual(['blog'])
  await expect(createWith('short', [ADA, '--project', '2'])).rejects.toMatchObject({
    stderr: expect.stringContaining('a password is 12 to 200 printable ASCII characters'),
  })
}, 120_000)

test('or one is made; logins are listed and dropped', async () => {
  const made = JSON.parse(await rumen(['create', ADA, '--project=1', '--project=2', '--print-password', '--json']))
  expect(made).toEqual({ name: ADA, projects: [1, 2], password: expect.stringMatching(/^[\w-]{32}$/) })
  expect(await projectsOf(ADA, made.password)).toEqual(['blog', 'shop'])
  expect(await rumen(['list'])).toBe(`${ADA}\tshop\tblog\n${EVE}\tblog`)
  expect(JSON.parse(await rumen(['list', '--json']))[1]).toEqual({ name: EVE, projects: [{ id: 2, slug: 'blog' }] })
  expect(await rumen(['drop', ADA, '--yes'])).toBe(`${ADA} is dropped`)
  await expect(projectsOf(ADA, made.password)).rejects.toThrow()
  expect(await rumen(['list'])).toBe(`${EVE}\tblog`)
})

test.for([
  [['create'], 'NAME is missing'],
  [['create', 'Eve"', '--project', '2', '--print-password'], 'NAME is of small letters'],
  [['create', 'pg_monitor', '--project', '2', '--print-password'], 'NAME is of small letters'],
  [['create', EVE, '--print-password'], 'which project?'],
  [['create', ADA, '--project', '2'], 'how does it get its password?'],
  [['create', ADA, '--project', '2', '--print-password', '--password-stdin'], 'how does it get its password?'],
  [['create', ADA, '--project', '99', '--print-password'], 'there is no project 99'],
  [['create', EVE, '--project', '2', '--print-password'], `the server has a role ${EVE} already`],
  [['drop', EVE], 'add --yes if that is meant'],
  [['drop', 'metabase_readonly', '--yes'], 'there is no analyst metabase_readonly'],
  [['drop', 'postgres', '--yes'], 'there is no analyst postgres'],
] as const)('%j is one sentence', async ([words, sentence]) => {
  await expect(rumen(words)).rejects.toThrow(sentence)
})

test('a role with something elsewhere is not dropped, and nothing is taken from it', async () => {
  await sql.unsafe(`CREATE SCHEMA elsewhere AUTHORIZATION ${EVE}`)
  await expect(rumen(['drop', EVE, '--yes'])).rejects.toThrow(`DROP OWNED BY "${EVE}"`)
  expect(await projectsOf(EVE, 'correct horse battery staple')).toEqual(['blog'])
  await sql.unsafe('DROP SCHEMA elsewhere')
})

test('a database login that may not make roles is told the SQL for one that may, and that does it', async () => {
  await sql.unsafe(`CREATE ROLE ${MODEST} LOGIN PASSWORD 'secret'`)
  await createDatabase(database.url, MODEST)
  await sql.unsafe(`ALTER DATABASE ${MODEST} OWNER TO ${MODEST}`)
  const url = new URL(database.url)
  url.pathname = `/${MODEST}`
  const asSuperuser = url.href
  Object.assign(url, { username: MODEST, password: 'secret' })
  await migrate(url.href)
  const { db, close } = connect(url.href, { poolSize: 1, name: 'test' })
  await createProject(db, { name: 'Modest' }).finally(close)
  const said = await rumen(['create', DAN, '--project', '1', '--print-password'], url.href).catch((error) => error)
  expect(said).toBeInstanceOf(CommandError)
  const [first, ...statements] = said.message.split('\n')
  expect(first).toContain('may not make roles')
  expect(statements.pop()).toBe(`\\password ${DAN}`)
  const superuser = connect(asSuperuser, { poolSize: 1, name: 'test' })
  await superuser.sql.unsafe(`${statements.join('\n')}; ALTER ROLE ${DAN} PASSWORD 'secret'`)
  expect(await projectsOf(DAN, 'secret', asSuperuser)).toEqual(['modest'])
  await superuser.sql.unsafe(`DROP OWNED BY ${DAN}`).finally(superuser.close)
}, 120_000)
