import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CheckoutCopy, copyCheckout } from '../support/copy-checkout.ts'
import { isAlive, type NpmProcess, runNpm, startNpm } from '../support/npm.ts'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { waitFor } from '../support/wait-for.ts'

// What the README promises, word for word, to somebody with Node and npm. The tests are the steps of one visit.

const ENVIRONMENT = { GATEWAY_PORT: '0', GATEWAY_ADMIN_PORT: '0', WORKER_ADMIN_PORT: '0' }
const INSTALL_MS_MAX = 180_000
const START_MS_MAX = 15_000
const VISIBLE_MS_MAX = 2_000

interface Visit {
  npm: NpmProcess
  dsn: string
  databaseUrl: string
  postmasterPid: number
}

let copy: CheckoutCopy
let first: Visit
let second: Visit

beforeAll(async () => {
  copy = await copyCheckout()
  first = await start(INSTALL_MS_MAX)
}, INSTALL_MS_MAX + 20_000)

const started: NpmProcess[] = []

afterAll(async () => {
  for (const npm of started) await npm.kill()
  for (const visit of [first, second]) {
    if (visit) await waitFor('the end of its PostgreSQL', () => !isAlive(visit.postmasterPid))
  }
  await copy?.remove()
}, 60_000)

test('the app of the README breaks, and its query shows it within two seconds', async () => {
  const readme = await readFile(join(copy.folder, 'README.md'), 'utf8')
  await runReadmeApp(readme, first.dsn)
  const query = /```sql\n(select event_id[^`]*)```/.exec(readme)?.[1] ?? 'the README has no such query'
  const rows = await waitFor(
    'the report',
    async () => {
      const found = await ask(first, query)
      return found.length > 0 && found
    },
    VISIBLE_MS_MAX,
  )
  expect(rows).toEqual([
    { event_id: expect.stringMatching(/^[0-9a-f]{32}$/), exception_type: 'TypeError', issue: 'first-project-1' },
  ])
})

test('a project made by a second command takes events at once', async () => {
  const project = JSON.parse(await rumen('project', 'create', '--name', 'Web', '--json'))
  expect(project).toMatchObject({ name: 'Web', slug: 'web', dsn: expect.stringMatching(/^http:/) })
  const { origin, username, pathname } = new URL(project.dsn)
  expect(origin).toBe(new URL(first.dsn).origin)
  const url = `${origin}/api${pathname}/envelope/?sentry_key=${username}`
  const response = await fetch(url, { method: 'POST', body: makeEnvelope(makeEvent()) })
  expect(response.status).toBe(200)
  expect(JSON.parse(await rumen('project', 'list', '--json'))).toMatchObject([
    { slug: 'first-project', dsns: [first.dsn] },
    { slug: 'web', dsns: [project.dsn] },
  ])
})

test('Ctrl-C ends all of it, PostgreSQL included', async () => {
  first.npm.interrupt()
  expect([0, 130]).toContain(await first.npm.exited)
  await waitFor('its last words', () => first.npm.output().includes('Rumen has stopped.'), 2_000)
  expect(isAlive(first.postmasterPid)).toBe(false)
  expect(first.npm.isAlive()).toBe(false)
  expect(await postmasterFiles()).toEqual([])
})

test('commands work while it is stopped, and leave nothing running', async () => {
  await rumen('project', 'create', '--name', 'Mobile')
  const projects = JSON.parse(await rumen('project', 'list', '--json'))
  expect(projects.map(({ slug }: { slug: string }) => slug)).toEqual(['first-project', 'web', 'mobile'])
  expect(await postmasterFiles()).toEqual([])
})

test('the second start takes seconds, and has the data and the DSN of the first', async () => {
  second = await start(START_MS_MAX)
  expect(second.dsn).toBe(first.dsn)
  const rows = await waitFor('both reports', async () => {
    const found = await ask(second, 'SELECT issue, exception_type FROM analytics.reports ORDER BY received_at')
    return found.length === 2 && found
  })
  expect(rows).toEqual([
    { issue: 'first-project-1', exception_type: 'TypeError' },
    { issue: 'web-1', exception_type: 'Error' },
  ])
  second.npm.interrupt()
  expect([0, 130]).toContain(await second.npm.exited)
})

/** `npm start`, until it has printed what one needs to know. */
async function start(msMax: number): Promise<Visit> {
  const npm = startNpm(copy.folder, ['start'], ENVIRONMENT)
  started.push(npm)
  let ended = false
  void npm.exited.then(() => (ended = true))
  const printed = await waitFor(
    'the DSN and the database',
    () => {
      if (ended) throw new Error(`npm start ended:\n${npm.output()}`)
      const dsn = /^ *DSN +(http:\S+)$/m.exec(npm.output())?.[1]
      const databaseUrl = /(postgres:\S+)$/m.exec(npm.output())?.[1]
      return dsn && databaseUrl ? { dsn, databaseUrl } : null
    },
    msMax,
  )
  const [row] = await ask(printed, `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid`)
  return { npm, ...printed, postmasterPid: Number(row?.pid) }
}

async function rumen(...words: string[]): Promise<string> {
  return await runNpm(copy.folder, ['run', '--silent', 'rumen', '--', ...words], ENVIRONMENT)
}

async function ask({ databaseUrl }: Pick<Visit, 'databaseUrl'>, query: string) {
  const sql = postgres(databaseUrl, { max: 1 })
  return await sql.unsafe(query).finally(() => sql.end())
}

/** What a running PostgreSQL keeps in its data, and one that stopped properly has taken away. */
async function postmasterFiles(): Promise<string[]> {
  const files = await readdir(join(copy.folder, '.rumen'), { recursive: true })
  return files.filter((file) => basename(file) === 'postmaster.pid')
}

/** The app as it is printed there, with the DSN filled in, run to its end. */
async function runReadmeApp(readme: string, dsn: string): Promise<void> {
  const code = /```js\n(\/\/ app\.js[^`]*)```/.exec(readme)?.[1] ?? 'the README has no app.js'
  const folder = join(copy.folder, '..', 'broken-app')
  await mkdir(folder)
  // Instead of `npm install @sentry/node`.
  await symlink(fileURLToPath(new URL('../node_modules', import.meta.url)), join(folder, 'node_modules'))
  await writeFile(join(folder, 'app.js'), code.replace(/dsn: '[^']*'/, `dsn: '${dsn}'`))
  const failure = await new Promise<Error | null>((resolve) => {
    execFile(process.execPath, ['app.js'], { cwd: folder, env: {} }, (error) => resolve(error))
  })
  expect(failure?.message).toContain('TypeError')
}
