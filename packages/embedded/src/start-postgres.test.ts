import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { spawnOwner, testedBinaries } from '../fixtures/spawn-owner.ts'
import { type RunningPostgres, startPostgres } from './start-postgres.ts'
import { makeThrowawayFolder } from './throwaway-folder.ts'

let folder: string
let dataDir: string
const releasers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  folder = await makeThrowawayFolder('start of all ')
  dataDir = join(folder, '.rumen', 'postgres')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release()
})

async function start(settings: Record<string, string> = { fsync: 'off' }): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir, ...testedBinaries, settings })
  releasers.push(() => server.stop())
  return server
}

async function query(url: string, text: string): Promise<postgres.Row | undefined> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const [row] = await sql.unsafe(text).finally(() => sql.end())
  return row
}

test('what was committed is there after a stop and a start', async () => {
  const first = await start()
  await query(first.url, 'create table kept as select 42 as answer')
  await first.stop()
  const lines: string[] = []
  const second = await startPostgres({ dataDir, ...testedBinaries, onProgress: (line) => lines.push(line) })
  releasers.push(() => second.stop())
  expect(await query(second.url, 'select answer from kept')).toEqual({ answer: 42 })
  expect(lines, 'the second start has nothing to announce').toEqual([])
})

test('nothing but 127.0.0.1 with the password gets in', async () => {
  const { url, port } = await start({ fsync: 'off', listen_addresses: '*' })
  expect(await query(url, 'show listen_addresses')).toEqual({ listen_addresses: '127.0.0.1' })
  expect(await query(url, 'show unix_socket_directories')).toEqual({ unix_socket_directories: '' })
  const stranger = query(`postgres://postgres:guess@127.0.0.1:${port}/postgres`, 'select 1')
  await expect(stranger).rejects.toMatchObject({ code: '28P01' })
  const { mode } = await stat(join(dataDir, 'password'))
  expect(mode & 0o777).toBe(0o600)
})

test('a commit is durable, text is UTF-8 and pages have checksums', async () => {
  const { url } = await start({})
  const row = await query(
    url,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
      current_setting('data_checksums') as checksums, current_setting('server_encoding') as encoding`,
  )
  expect(row).toEqual({ fsync: 'on', sync: 'on', checksums: 'on', encoding: 'UTF8' })
})

test('the log holds no statement and no value', async () => {
  const { url } = await start()
  await query(url, `create table t (v text primary key)`)
  await query(url, `insert into t values ('my secret')`)
  await expect(query(url, `insert into t values ('my secret')`)).rejects.toMatchObject({ code: '23505' })
  const log = await readFile(join(dataDir, 'server.log'), 'utf8')
  expect(log).toContain('duplicate key')
  expect(log).not.toContain('my secret')
})

test('a folder that a living process owns is refused with its number, and its server is left alone', async () => {
  const { url } = await start()
  const second = spawnOwner({ dataDir })
  releasers.push(() => second.kill('SIGKILL'))
  const outcome = await second.outcome
  expect(outcome).toContain('failed IN_USE')
  expect(outcome).toContain(`process ${process.pid}`)
  expect(await query(url, 'select 1 as one')).toEqual({ one: 1 })
})

test('of many that start at once, one owns the new database and the others are refused', async () => {
  const dataDir = join(folder, 'contested')
  const owners = Array.from({ length: 4 }, () => spawnOwner({ dataDir, settings: { fsync: 'off' } }))
  releasers.push(...owners.map((owner) => () => owner.kill('SIGTERM')))
  const outcomes = await Promise.all(owners.map(({ outcome }) => outcome))
  expect(outcomes.filter((outcome) => outcome.startsWith('failed IN_USE'))).toHaveLength(3)
  const [ready = ''] = outcomes.filter((outcome) => outcome.startsWith('ready '))
  expect(await query(ready.slice('ready '.length), 'select 1 as one')).toEqual({ one: 1 })
})

test('stopping twice is stopping once, and then the folder is free', async () => {
  const { stop } = await start()
  await Promise.all([stop(), stop()])
  await expect(start()).resolves.toMatchObject({ port: expect.any(Number) })
})

test('a start that fails says what PostgreSQL said, and frees the folder', async () => {
  await expect(start({ fsync: 'off', shared_buffers: 'a lot' })).rejects.toMatchObject({
    code: 'START_FAILED',
    message: expect.stringContaining('shared_buffers'),
  })
  await expect(start()).resolves.toMatchObject({ port: expect.any(Number) })
})
