import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { testedBinaries } from '../fixtures/spawn-owner.ts'
import { dataFolder } from './data-folder.ts'
import { joinPostgres } from './join-postgres.ts'
import { findOwner } from './ownership.ts'
import { runForText } from './run-for-text.ts'
import { startPostgres } from './start-postgres.ts'
import { makeThrowawayFolder } from './throwaway-folder.ts'

let dataDir: string

beforeAll(async () => {
  dataDir = await makeThrowawayFolder('join ')
})

afterAll(() => rm(dataDir, { recursive: true, force: true }))

/** What a second terminal does: joins from another process and asks the server for its own connection. */
async function joinFromElsewhere(): Promise<string> {
  const script = `
    const [{ joinPostgres }, { default: postgres }] = await Promise.all([
      import(${JSON.stringify(new URL('./join-postgres.ts', import.meta.url))}),
      import(${JSON.stringify(import.meta.resolve('postgres'))}),
    ])
    const found = await joinPostgres({ dataDir: ${JSON.stringify(dataDir)} })
    const sql = postgres(found.url, { max: 1 })
    const [row] = await sql\`select pg_backend_pid() as pid\`
    await sql.end()
    console.log(row.pid)`
  return await runForText(process.execPath, ['--input-type=module', '-e', script])
}

test('there is nothing to join before a start and after a stop', async () => {
  expect(await joinPostgres({ dataDir: join(dataDir, 'missing') })).toBe(null)
  expect(await joinPostgres({ dataDir })).toBe(null)
  const server = await startPostgres({ dataDir, ...testedBinaries, settings: { fsync: 'off' } })
  expect(await joinPostgres({ dataDir })).toEqual({ url: server.url })
  await server.stop()
  expect(await joinPostgres({ dataDir })).toBe(null)
})

test('a server that is just starting is waited for', async () => {
  const starting = startPostgres({ dataDir, ...testedBinaries, settings: { fsync: 'off' } })
  await vi.waitFor(async () => expect(await findOwner(dataFolder(dataDir))).toMatchObject({ port: null }), {
    interval: 1,
  })
  const joined = await joinPostgres({ dataDir })
  const server = await starting
  await server.stop()
  expect(joined).toEqual({ url: server.url })
})

test('several processes work on one server', async () => {
  const server = await startPostgres({ dataDir, ...testedBinaries, settings: { fsync: 'off' } })
  try {
    const backends = await Promise.all([joinFromElsewhere(), joinFromElsewhere(), joinFromElsewhere()])
    expect(new Set(backends).size).toBe(3)
  } finally {
    await server.stop()
  }
})
