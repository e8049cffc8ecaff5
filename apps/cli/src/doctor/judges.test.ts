import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServerFacts } from '@rumen/db/doctor/read-server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { askGateway } from './ask-gateway.ts'
import { judgeNode, judgeOpenFiles, openFilesLimit } from './judge-machine.ts'
import { judgeAnalyst, judgeClock, judgeConnections, judgeLogin, judgeSettings, judgeVersion } from './judge-server.ts'
import { judgeDotenv } from './read-dotenv.ts'
import { judgeSpool, trySpool } from './try-spool.ts'

const SOUND: ServerFacts = {
  version: 180_004,
  settings: { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on', autovacuum: 'on', track_counts: 'on' },
  clockAheadMs: 12,
  connections: { max: 97, used: 11 },
  login: { name: 'rumen', isSuperuser: false, canCreateRoles: true, canCreateSchemas: true, canCreateTables: true },
  analyst: { settings: ['statement_timeout=30s', 'idle_in_transaction_session_timeout=10s'], seesViews: true },
}

function server(given: Partial<ServerFacts>): ServerFacts {
  return { ...SOUND, ...given }
}

test('a sound server has nothing to be told', () => {
  const checks = [
    judgeVersion(SOUND),
    judgeSettings(SOUND),
    judgeClock(SOUND),
    judgeConnections(SOUND, 5),
    judgeLogin(SOUND),
    judgeAnalyst(SOUND),
  ]
  expect(checks.map(({ status }) => status)).toEqual(checks.map(() => 'ok'))
})

test.for([
  [140_012, 'failing'],
  [150_000, 'ok'],
  [180_999, 'ok'],
  [190_000, 'degraded'],
] as const)('PostgreSQL %i is %s', ([version, status]) => {
  expect(judgeVersion(server({ version })).status).toBe(status)
})

test.for([
  ['fsync', 'off', 'failing'],
  ['full_page_writes', 'off', 'failing'],
  ['synchronous_commit', 'off', 'failing'],
  ['synchronous_commit', 'local', 'ok'],
  ['synchronous_commit', 'remote_apply', 'ok'],
  ['autovacuum', 'off', 'failing'],
  ['track_counts', 'off', 'failing'],
] as const)('%s %s is %s', ([name, value, status]) => {
  const check = judgeSettings(server({ settings: { ...SOUND.settings, [name]: value } }))
  expect(check.status).toBe(status)
  if (status === 'failing') expect(check.advice).toContain(`ALTER SYSTEM SET ${name} = on`)
})

test.for([
  [1_900, 'ok'],
  [-3_000, 'degraded'],
  [90_000, 'failing'],
] as const)('a clock %i ms ahead is %s', ([clockAheadMs, status]) => {
  expect(judgeClock(server({ clockAheadMs })).status).toBe(status)
})

test('the connections of a gateway and a worker have to fit', () => {
  expect(judgeConnections(SOUND, 43)).toMatchObject({ status: 'failing', message: expect.stringContaining('98') })
  expect(judgeConnections(server({ connections: { max: 97, used: 90 } }), 5).status).toBe('degraded')
})

test('a login owns its database, and nothing more', () => {
  const { login } = SOUND
  expect(judgeLogin(server({ login: { ...login, canCreateSchemas: false } })).advice).toContain('OWNER TO rumen')
  expect(judgeLogin(server({ login: { ...login, canCreateTables: false } })).status).toBe('failing')
  expect(judgeLogin(server({ login: { ...login, isSuperuser: true } })).status).toBe('degraded')
})

test('analysts have a role that sees, and whose queries end', () => {
  const { login } = SOUND
  const helpless = { ...login, canCreateRoles: false }
  expect(judgeAnalyst(server({ analyst: null, login: helpless })).advice).toContain('CREATE ROLE metabase_readonly')
  expect(judgeAnalyst(server({ analyst: { settings: [], seesViews: false } })).advice).toContain('GRANT SELECT')
  const check = judgeAnalyst(server({ analyst: { settings: ['statement_timeout=30s'], seesViews: true } }))
  expect(check).toMatchObject({ status: 'degraded', advice: expect.stringContaining('idle_in_transaction_session') })
})

test('the machine: Node, and files a gateway may open', async () => {
  expect(judgeNode('24.1.0').status).toBe('ok')
  expect(judgeNode('22.9.0').status).toBe('failing')
  expect(judgeOpenFiles(1024, 10_000)).toMatchObject({ status: 'degraded', advice: expect.stringContaining('ulimit') })
  expect(judgeOpenFiles(10_100, 10_000).status).toBe('ok')
  expect(judgeOpenFiles(1024, 0).status).toBe('ok')
  expect(judgeOpenFiles(null, 1).status).toBe('unknown')
  if (process.platform === 'linux') expect(await openFilesLimit()).toBeGreaterThan(0)
})

test('a disk that keeps each answer waiting is none for a spool', () => {
  expect(judgeSpool({ freeBytes: 2, syncMs: 100 }, 1).status).toBe('ok')
  expect(judgeSpool({ freeBytes: 2, syncMs: 101 }, 1)).toMatchObject({
    status: 'degraded',
    message: expect.stringContaining('101 ms'),
  })
})

describe('of files and addresses:', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rumen doctor-'))
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('names in .env that mean nothing are named', async () => {
    const file = join(folder, '.env')
    await writeFile(file, 'RETENTION_DAYS=30\nRETENTION_DAY=30\nNODE_OPTIONS=--x\nPGPASSWORD=x\n')
    expect(await judgeDotenv(file)).toMatchObject({ status: 'degraded', figures: { unknown: ['RETENTION_DAY'] } })
    await writeFile(file, 'RETENTION_DAYS=30\n')
    expect((await judgeDotenv(file)).status).toBe('ok')
    expect((await judgeDotenv(join(folder, 'none'))).status).toBe('ok')
    expect((await judgeDotenv(folder)).message).toContain('.env cannot be read')
  })

  test('a spool is there, has room, and can be written', async () => {
    expect((await trySpool(undefined, 0)).status).toBe('degraded')
    expect(['ok', 'degraded']).toContain((await trySpool(join(folder, 'spool'), 0)).status)
    expect(await trySpool(join(folder, 'spool'), Number.MAX_SAFE_INTEGER)).toMatchObject({
      status: 'failing',
      message: expect.stringContaining('MIN_FREE_DISK_BYTES'),
    })
    await writeFile(join(folder, 'file'), '')
    expect(await trySpool(join(folder, 'file', 'spool'), 0)).toMatchObject({
      status: 'failing',
      message: expect.stringContaining('cannot be written'),
    })
  })

  test('what answers at the public address is a gateway, something else, or nothing', async () => {
    let says = '{"status":"ok"}'
    const answering = createServer((_, response) => response.end(says)).listen(0, '127.0.0.1')
    onTestFinished(() => void answering.close())
    await new Promise((resolve) => answering.once('listening', resolve))
    const { port } = answering.address() as AddressInfo
    expect((await askGateway(`http://127.0.0.1:${port}`)).status).toBe('ok')
    says = '<html>'
    expect((await askGateway(`http://127.0.0.1:${port}`)).status).toBe('failing')
    await new Promise((resolve) => answering.close(resolve))
    expect(await askGateway(`http://127.0.0.1:${port}`)).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('nothing answers'),
    })
  })
})
