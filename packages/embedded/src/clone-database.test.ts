import { rm } from 'node:fs/promises'
import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testedBinaries } from '../fixtures/spawn-owner.ts'
import { cloneDatabase } from './clone-database.ts'
import { createDatabase } from './create-database.ts'
import { type RunningPostgres, startPostgres } from './start-postgres.ts'
import { makeThrowawayFolder } from './throwaway-folder.ts'

let dataDir: string
let server: RunningPostgres

beforeAll(async () => {
  dataDir = await makeThrowawayFolder('clone ')
  server = await startPostgres({ dataDir, ...testedBinaries, settings: { fsync: 'off' } })
})

afterAll(async () => {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

function urlOf(name: string): string {
  const url = new URL(server.url)
  url.pathname = name
  return url.href
}

async function query(url: string, text: string): Promise<postgres.Row | undefined> {
  const sql = postgres(url, { max: 1 })
  const [row] = await sql.unsafe(text).finally(() => sql.end())
  return row
}

test('creating a database again, even at the same moment, changes nothing', async () => {
  await Promise.all([1, 2, 3].map(() => createDatabase(server.url, 'Odd-Name')))
  await query(urlOf('Odd-Name'), 'create table kept as select 42 as answer')
  await createDatabase(server.url, 'Odd-Name')
  expect(await query(urlOf('Odd-Name'), 'select answer from kept')).toEqual({ answer: 42 })
})

test('a failure other than "exists" is not swallowed', async () => {
  await expect(createDatabase(server.url, 'never', { template: 'missing' })).rejects.toMatchObject({ code: '3D000' })
})

test('clones made at once have the template’s content and nothing of each other', async () => {
  await createDatabase(server.url, 'model')
  await query(urlOf('model'), 'create table kept as select 42 as answer')
  const clones = await Promise.all([1, 2, 3].map(() => cloneDatabase({ adminUrl: server.url, template: 'model' })))
  const [first, second] = clones
  await query(first?.url ?? '', 'update kept set answer = 1')
  expect(await query(second?.url ?? '', 'select answer from kept')).toEqual({ answer: 42 })
  expect(new Set(clones.map(({ url }) => url)).size).toBe(3)
})

test('a clone is dropped even while somebody is connected', async () => {
  const clone = await cloneDatabase({ adminUrl: server.url, template: 'template1' })
  const lingering = postgres(clone.url, { max: 1, onclose: () => {} })
  await lingering`select 1`
  await clone.drop()
  await clone.drop()
  await expect(query(clone.url, 'select 1')).rejects.toMatchObject({ code: '3D000' })
  await lingering.end({ timeout: 0 })
})
