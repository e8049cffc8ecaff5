import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { guardsOf, type OwnerProcess, spawnOwner, testedBinaries } from '../fixtures/spawn-owner.ts'
import { joinPostgres } from './join-postgres.ts'
import { isPostmasterOf, readPostmaster } from './postmaster.ts'
import { startPostgres } from './start-postgres.ts'
import { makeThrowawayFolder } from './throwaway-folder.ts'

/** What dies here are processes, never the machine: the kernel keeps what they wrote. */
const settings = { fsync: 'off' }
/** For what takes a server's time: leaving, or a lock to vanish. */
const PATIENCE = { timeout: 10_000, interval: 20 }

let folder: string
/** One for all tests that do not need a new one: each starts from what the one before left behind. */
let dataDir: string
let cluster: string
const releasers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  folder = await makeThrowawayFolder('killed owner ')
  dataDir = join(folder, 'postgres')
  cluster = join(dataDir, 'cluster')
  const { kill, url } = await owner()
  await query(url, 'create table kept as select 42 as answer')
  await kill('SIGKILL')
})

afterAll(() => rm(folder, { recursive: true, force: true }))

afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release()
})

async function owner(): Promise<OwnerProcess & { url: string; server: number }> {
  const process = spawnOwner({ dataDir, settings })
  releasers.push(() => process.kill('SIGKILL'))
  const outcome = await process.outcome
  expect(outcome).toMatch(/^ready /)
  const url = outcome.slice('ready '.length)
  const state = await readPostmaster(cluster)
  return { ...process, url, server: state?.pid ?? 0 }
}

async function query(url: string, text: string): Promise<postgres.Row | undefined> {
  const sql = postgres(url, { max: 1 })
  const [row] = await sql.unsafe(text).finally(() => sql.end())
  return row
}

async function killGuards(server: number): Promise<void> {
  const guards = await guardsOf(server)
  expect(guards).toHaveLength(2)
  for (const guard of guards) process.kill(guard, 'SIGKILL')
}

/** Starts in this process, checks that the row of the killed run is there, stops. Returns what the start announced. */
async function startAndFind(): Promise<string[]> {
  const lines: string[] = []
  const server = await startPostgres({ dataDir, ...testedBinaries, settings, onProgress: (line) => lines.push(line) })
  releasers.push(() => server.stop())
  expect(await query(server.url, 'select answer from kept')).toEqual({ answer: 42 })
  return lines
}

test('a killed owner takes its server with it', async () => {
  const { kill, server } = await owner()
  await kill('SIGKILL')
  await vi.waitFor(async () => expect(await isPostmasterOf(server, cluster)).toBe(false), PATIENCE)
  expect(await readPostmaster(cluster), 'it left in order').toBe(null)
})

test('a new start right after the kill finds everything', async () => {
  const { kill } = await owner()
  await kill('SIGKILL')
  await startAndFind()
})

test('the orphan of a killed owner and a killed guard is stopped by the next start', async () => {
  const { kill, server } = await owner()
  await killGuards(server)
  await kill('SIGKILL')
  expect(await isPostmasterOf(server, cluster), 'nobody was left to stop it').toBe(true)
  expect(await joinPostgres({ dataDir }), 'nobody may join what nobody owns').toBe(null)
  expect(await startAndFind()).toEqual([expect.stringContaining(`process ${server}`)])
  expect(await isPostmasterOf(server, cluster)).toBe(false)
})

test('stop() stops a server whose guard was killed', async () => {
  const { kill, server } = await owner()
  await killGuards(server)
  await kill('SIGTERM')
  expect(await isPostmasterOf(server, cluster)).toBe(false)
})

test('a guard that is told to stop, as everything is by systemd, stays to see its owner die', async () => {
  const { kill, server } = await owner()
  for (const guard of await guardsOf(server)) process.kill(guard, 'SIGTERM')
  await kill('SIGKILL')
  await vi.waitFor(async () => expect(await isPostmasterOf(server, cluster)).toBe(false), PATIENCE)
})

test('a killed server is repaired by the next start', async () => {
  const { kill, server } = await owner()
  process.kill(server, 'SIGKILL')
  await kill('SIGKILL')
  await startAndFind()
})

test('a stale lock file whose number is another program’s today does not stop the start, nor is that program hurt', async () => {
  const { kill, server } = await owner()
  const lockFile = join(cluster, 'postmaster.pid')
  const text = await readFile(lockFile, 'utf8')
  await kill('SIGTERM')
  // Of the server's user: PostgreSQL ignores the processes of others by itself.
  const { uid } = await stat(cluster)
  const other = spawn('sleep', ['60'], { stdio: 'ignore', ...(process.geteuid?.() === 0 ? { uid } : {}) })
  releasers.push(async () => other.kill())
  await writeFile(lockFile, text.replace(`${server}`, `${other.pid}`))
  await startAndFind()
  expect([other.exitCode, other.signalCode]).toEqual([null, null])
})

test('an owner killed during initdb leaves nothing that the next start trips over', async () => {
  const dataDir = join(folder, 'cut short')
  const early = spawnOwner({ dataDir, settings })
  releasers.push(() => early.kill('SIGKILL'))
  const draftOf = (names: string[]) => names.find((name) => name.startsWith('initdb-'))
  const begun = async () =>
    expect(await readdir(join(dataDir, draftOf(await readdir(dataDir)) ?? '?'))).toContain('base')
  await vi.waitFor(begun, { timeout: 10_000, interval: 2 })
  await early.kill('SIGKILL')
  const server = await startPostgres({ dataDir, ...testedBinaries, settings })
  releasers.push(() => server.stop())
  expect(await query(server.url, 'select 1 as one')).toEqual({ one: 1 })
  expect(draftOf(await readdir(dataDir))).toBe(undefined)
})

test('a draft of a machine that lost its power is removed', async () => {
  await mkdir(join(dataDir, 'initdb-0badcafe', 'base'), { recursive: true })
  await writeFile(join(dataDir, 'initdb-0badcafe', 'PG_VERSION'), '18')
  const server = await startPostgres({ dataDir, ...testedBinaries, settings })
  releasers.push(() => server.stop())
  expect(await readdir(dataDir)).not.toContain('initdb-0badcafe')
})
