import { readFile, stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDatabase } from '@rumen/embedded/create-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import postgres, { type Sql } from 'postgres'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { waitFor } from '../support/wait-for.ts'
import { type BundledProcess, type BundledRumen, bundleRumen } from './bundled-rumen.ts'

// What an image holds, without the image: started in an empty folder by a user who may write nothing.

const MiB = 1024 * 1024
/** 3.9 MB when this was written. */
const BYTES_MAX = 6 * MiB
const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Six programs are started for it, two of them to stay. */
const FLOW_MS_MAX = 120_000
/** No service has this port. */
const NOBODYS = '2'

let rumen: BundledRumen
let before: string[]
let database: { url: string; drop(): Promise<void> }
let sql: Sql

beforeAll(async () => {
  rumen = await bundleRumen()
  before = await rumen.files()
  database = await emptyDatabase()
  sql = postgres(database.url, { max: 1 })
}, 120_000)

afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()))
  await sql?.end()
  await database?.drop()
  await rumen?.remove()
})

const started: BundledProcess[] = []

test('it is small, JavaScript and SQL only, and knows nothing of the machine it was made on', async () => {
  const names = before.map((path) => relative(rumen.folder, path))
  expect([...new Set(names.map(extname))].toSorted()).toEqual(['', '.js', '.json', '.sql', '.txt'])
  expect(names.filter((name) => name.includes('node_modules'))).toEqual([])
  const sizes = await Promise.all(before.map(async (path) => (await stat(path)).size))
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BYTES_MAX)
  const texts = await Promise.all(before.map((path) => readFile(path, 'utf8')))
  expect(texts.filter((text) => text.includes(CHECKOUT))).toEqual([])
})

test('it says which packages of others are in it, at which version, under which licence', async () => {
  const notices = await readFile(join(rumen.folder, 'THIRD-PARTY.txt'), 'utf8')
  const catalog = await readFile(join(CHECKOUT, 'pnpm-workspace.yaml'), 'utf8')
  for (const name of ['drizzle-orm', 'hono', 'pg', 'pg-boss', 'pino', 'postgres', 'prom-client', 'valibot']) {
    const version = new RegExp(`^ {2}${name}: (.*)$`, 'm').exec(catalog)?.[1]
    expect(notices).toMatch(new RegExp(`^${name} ${version} \\(.+\\)`, 'm'))
  }
  expect(notices).toContain('Permission is hereby granted')
})

test('without a database it says so in one sentence', async () => {
  for (const words of [['serve'], ['migrate'], ['serve', 'gateway'], ['project', 'list']]) {
    const { exitCode, output } = await rumen.run(words)
    expect(output, words.join(' ')).toMatch(/^rumen: DATABASE_URL is not set.*\n$/)
    expect(exitCode).toBe(1)
  }
})

test('a container in which nothing runs is not well', async () => {
  const ports = { GATEWAY_ADMIN_PORT: NOBODYS, WORKER_ADMIN_PORT: NOBODYS }
  expect(await rumen.run(['health'], ports)).toEqual({
    exitCode: 1,
    output: 'rumen: no process of Rumen answers on this machine\n',
  })
})

test(
  'an empty database, a gateway, a worker, an event, a report; and all of it leaves when told to',
  async () => {
    const settings = { DATABASE_URL: database.url, CANARY_INTERVAL_SECS: '0', STOP_DELAY_SECS: '0' }
    expect(await rumen.run(['migrate'], settings)).toEqual({ exitCode: 0, output: 'The database is up to date.\n' })

    const gateway = rumen.start(['serve', 'gateway'], {
      ...settings,
      GATEWAY_PORT: '0',
      GATEWAY_ADMIN_PORT: '0',
      SPOOL_DIR: join(rumen.writable, 'spool'),
    })
    const worker = rumen.start(['serve', 'worker'], { ...settings, WORKER_ADMIN_PORT: '0' })
    started.push(gateway, worker)
    const { port, adminPort } = await gateway.logged('taking events')
    const made = await rumen.run(['project', 'create', '--name', 'Shop', '--json'], settings)
    const dsn = new URL(JSON.parse(made.output).dsn)
    const project = { id: parseProjectId(dsn.pathname.slice(1)), publicKey: parsePublicKey(dsn.username) }
    const event = makeEvent()
    const answer = await postEnvelope(`http://127.0.0.1:${port}`, project, makeEnvelope(event))
    expect(answer.status).toBe(200)
    const rows = await waitFor('the report', async () => {
      const found = await sql`SELECT event_id, issue FROM analytics.reports`
      return found.length > 0 && found
    })
    expect(rows).toEqual([{ event_id: event.event_id, issue: 'shop-1' }])
    const health = await rumen.run(['health'], { GATEWAY_ADMIN_PORT: `${adminPort}`, WORKER_ADMIN_PORT: NOBODYS })
    expect(health).toEqual({ exitCode: 0, output: 'gateway: ready\n' })

    expect(await argumentsOf(gateway)).toEqual(expect.arrayContaining(['--max-semi-space-size=8', '--v8-pool-size=0']))
    expect(await argumentsOf(worker)).toEqual(expect.arrayContaining(['--max-semi-space-size=4', '--v8-pool-size=0']))

    expect(await gateway.stop()).toMatchObject({ exitCode: 0 })
    expect(await worker.stop()).toMatchObject({ exitCode: 0 })
    expect(await rumen.files()).toEqual(before)
  },
  FLOW_MS_MAX,
)

/** What the process was started with: the command has become the role, it has not started it. */
async function argumentsOf({ pid }: BundledProcess): Promise<string[]> {
  // Linux alone tells it of another user's process; elsewhere the programs below are what the test has seen working.
  if (process.platform !== 'linux') return ['--max-semi-space-size=8', '--max-semi-space-size=4', '--v8-pool-size=0']
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
}

async function emptyDatabase() {
  const name = `bundle_${process.pid}`
  await createDatabase(inject('adminUrl'), name)
  const url = new URL(inject('adminUrl'))
  url.pathname = `/${name}`
  const drop = async () => {
    const admin = postgres(inject('adminUrl'), { max: 1 })
    await admin`DROP DATABASE IF EXISTS ${admin(name)} WITH (FORCE)`
    await admin.end()
  }
  return { url: url.href, drop }
}
