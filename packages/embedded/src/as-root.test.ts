import { randomUUID } from 'node:crypto'
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import postgres from 'postgres'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { spawnOwner, testedBinaries } from '../fixtures/spawn-owner.ts'
import { findBinaries } from './find-binaries.ts'
import { readPostmaster } from './postmaster.ts'
import { reachableBinaries } from './reachable-binaries.ts'
import { startPostgres } from './start-postgres.ts'

const NOBODY = { uid: 65534, gid: 65534 }
const settings = { fsync: 'off' }

/** Mode 0700 and root's, with a space: no other user can enter it. */
let locked: string
/** Anybody may enter it. */
let open: string
const releasers: (() => Promise<unknown>)[] = []

beforeEach(async ({ skip }) => {
  skip(process.platform !== 'linux' || process.geteuid?.() !== 0, 'only root on Linux becomes somebody else')
  locked = await mkdtemp(join(tmpdir(), 'rumen-test-of root '))
  open = await mkdtemp(join(tmpdir(), 'rumen-test-of all '))
  await chmod(open, 0o755)
  releasers.push(() => rm(locked, { recursive: true, force: true }))
  releasers.push(() => rm(open, { recursive: true, force: true }))
  vi.stubEnv('TMPDIR', open)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const release of releasers.splice(0).reverse()) await release()
})

async function answerOf(url: string): Promise<postgres.Row | undefined> {
  const sql = postgres(url, { max: 1 })
  const [row] = await sql`select 42 as answer`.finally(() => sql.end())
  return row
}

async function uidOfServer(dataDir: string): Promise<number | undefined> {
  const server = await readPostmaster(join(dataDir, 'cluster'))
  return server ? (await stat(`/proc/${server.pid}`)).uid : undefined
}

/** initdb wants one that /etc/passwd knows. */
async function anotherUser(): Promise<number> {
  const uids = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => Number(line.split(':')[2]))
  return uids.find((uid) => uid > 0 && uid !== NOBODY.uid) ?? NOBODY.uid
}

/** The binaries of npm by a path that only root can walk. */
async function lockedBinaries(): Promise<string> {
  await symlink(dirname(findBinaries()), join(locked, 'native'))
  return join(locked, 'native', 'bin')
}

/** Something with the shape of PostgreSQL that is quick to copy, and never the same: its copy may end up in the real /tmp. */
async function lockedStandIn(script = 'echo "postgres (PostgreSQL) 18.4"'): Promise<string> {
  const binDir = join(locked, 'stand-in', 'bin')
  const share = join(locked, 'stand-in', 'share')
  await mkdir(binDir, { recursive: true })
  await mkdir(share)
  await writeFile(join(binDir, 'postgres'), `#!/bin/sh\n# ${randomUUID()}\n${script}\n`, { mode: 0o700 })
  await writeFile(join(share, 'timezones'), 'UTC', { mode: 0o600 })
  return binDir
}

test('below a folder that only root can enter, with binaries there too, the server runs as nobody', async () => {
  const dataDir = join(locked, '.rumen', 'postgres')
  const lines: string[] = []
  const binDir = await lockedBinaries()
  const server = await startPostgres({ dataDir, binDir, settings, onProgress: (line) => lines.push(line) })
  releasers.push(() => server.stop())
  expect(await answerOf(server.url)).toEqual({ answer: 42 })
  expect(await uidOfServer(dataDir)).toBe(NOBODY.uid)
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
  expect(lines).toContainEqual(expect.stringContaining(`programs to ${open}`))
})

test('the binaries under test run as nobody below a folder that only root can enter', async () => {
  const dataDir = join(locked, 'data')
  const server = await startPostgres({ dataDir, ...testedBinaries, settings })
  releasers.push(() => server.stop())
  expect(await answerOf(server.url)).toEqual({ answer: 42 })
  expect(await uidOfServer(dataDir)).toBe(NOBODY.uid)
})

test('unreachable binaries are copied once, by many at the same time too', async () => {
  const binDir = await lockedStandIn()
  const found = await Promise.all([1, 2, 3].map(() => reachableBinaries(binDir, NOBODY)))
  const lines: string[] = []
  found.push(await reachableBinaries(binDir, NOBODY, (line) => lines.push(line)))
  expect(new Set(found.map((binaries) => binaries.binDir)).size).toBe(1)
  expect(lines).toEqual([])
  expect(await readdir(open), 'no draft is left behind').toHaveLength(1)
})

test('a copy that lost a file is made anew', async () => {
  const binDir = await lockedStandIn()
  const { binDir: copy } = await reachableBinaries(binDir, NOBODY)
  await rm(join(copy, '..', 'share', 'timezones'))
  expect((await reachableBinaries(binDir, NOBODY)).binDir).toBe(copy)
  expect(await readdir(join(copy, '..', 'share'))).toEqual(['timezones'])
})

test('a copy is open to all, whatever the modes of the original were', async () => {
  const { binDir } = await reachableBinaries(await lockedStandIn(), NOBODY)
  const modes = await Promise.all(
    ['', 'bin', 'bin/postgres', 'share/timezones'].map((path) => stat(join(binDir, '..', path))),
  )
  expect(modes.map(({ mode }) => (mode & 0o777).toString(8))).toEqual(['755', '755', '755', '644'])
})

test.for([
  ['another user’s', (folder: string) => chown(folder, 1234, 1234)],
  ['writable to all', (folder: string) => chmod(folder, 0o777)],
  [
    'a link',
    (folder: string) => rename(folder, `${folder} elsewhere`).then(() => symlink(`${folder} elsewhere`, folder)),
  ],
] as const)('what stands in the place of the copy is not believed when it is %s', async ([, tamper]) => {
  const binDir = await lockedStandIn()
  const { binDir: copy } = await reachableBinaries(binDir, NOBODY)
  await tamper(dirname(copy))
  const found = await reachableBinaries(binDir, NOBODY)
  releasers.push(() => rm(dirname(found.binDir), { recursive: true, force: true }))
  expect(found.binDir).not.toBe(copy)
})

test('binaries that do not run say why', async () => {
  const binDir = await lockedStandIn('echo libicuuc is missing >&2; exit 127')
  await expect(reachableBinaries(binDir, NOBODY)).rejects.toMatchObject({
    code: 'BINARIES_UNUSABLE',
    message: expect.stringContaining('libicuuc is missing'),
  })
})

test('an ordinary user stays what he is, and root goes on with his data as him', async () => {
  const uid = await anotherUser()
  const folder = join(open, 'his folder')
  const dataDir = join(folder, 'postgres')
  await mkdir(folder)
  await chown(folder, uid, uid)
  const { binDir } = await reachableBinaries(testedBinaries.binDir ?? (await lockedBinaries()), NOBODY)
  const owner = spawnOwner({ dataDir, binDir, uid, settings })
  releasers.push(() => owner.kill('SIGKILL'))
  const outcome = await owner.outcome
  expect(outcome).toMatch(/^ready /)
  expect(await answerOf(outcome.slice('ready '.length))).toEqual({ answer: 42 })
  expect(await uidOfServer(dataDir)).toBe(uid)
  await owner.kill('SIGTERM')
  const server = await startPostgres({ dataDir, binDir, settings })
  releasers.push(() => server.stop())
  expect(await uidOfServer(dataDir)).toBe(uid)
})

test('an ordinary user is told when the data are somebody else’s', async () => {
  const dataDir = join(open, 'of root')
  await mkdir(dataDir, { mode: 0o700 })
  const owner = spawnOwner({ dataDir, uid: NOBODY.uid, settings })
  releasers.push(() => owner.kill('SIGKILL'))
  expect(await owner.outcome).toContain('failed DATA_UNUSABLE')
})
