import { type Connection, connect } from '@rumen/db/connect'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { createKeyCache } from './key-cache.ts'

const TTL_MS = 60_000
const ENTRIES_MAX = 10_000

let database: OwnDatabase
let connection: Connection
let project: NewProject

beforeAll(async () => {
  database = await ownDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  project = await createProject(connection.db, { name: 'Test' })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** A cache with a clock of the test's own. */
function makeCache() {
  let nowMs = 0
  const cache = createKeyCache(connection.db, () => nowMs)
  return { ...cache, pass: (ms: number) => (nowMs += ms) }
}

/** Changes the key without telling anybody. */
async function revoke(isRevoked: boolean): Promise<void> {
  await connection.sql`
    UPDATE project_key SET revoked_at = CASE WHEN ${isRevoked} THEN now() END WHERE project_id = ${project.id}`
}

test('an answer is believed for a minute, and not for longer', async () => {
  const cache = makeCache()
  expect(await cache.find(project.publicKey, project.id)).toMatchObject({ projectId: project.id })
  await revoke(true)
  cache.pass(TTL_MS - 1)
  expect(await cache.find(project.publicKey, project.id)).not.toBeNull()
  cache.pass(1)
  expect(await cache.find(project.publicKey, project.id)).toBeNull()
  // So is a refusal.
  await revoke(false)
  cache.pass(TTL_MS - 1)
  expect(await cache.find(project.publicKey, project.id)).toBeNull()
  cache.pass(1)
  expect(await cache.find(project.publicKey, project.id)).not.toBeNull()
})

test('a cleared cache asks again', async () => {
  const cache = makeCache()
  expect(await cache.find(project.publicKey, project.id)).not.toBeNull()
  await revoke(true)
  cache.clear()
  expect(await cache.find(project.publicKey, project.id)).toBeNull()
  await revoke(false)
})

test('a key opens its own project only, and every project it stands in', async () => {
  const cache = makeCache()
  const twin = await createProject(connection.db, { name: 'Twin', publicKey: project.publicKey })
  expect(await cache.find(project.publicKey, project.id)).toMatchObject({ projectId: project.id })
  expect(await cache.find(project.publicKey, twin.id)).toMatchObject({ projectId: twin.id })
  expect(await cache.find(project.publicKey, parseProjectId('999999'))).toBeNull()
})

test('a question that failed is no answer, and is asked again the next time', async () => {
  const cache = makeCache()
  await connection.sql`ALTER TABLE project_key RENAME TO project_key_away`
  await expect(cache.find(project.publicKey, project.id)).rejects.toThrow()
  await connection.sql`ALTER TABLE project_key_away RENAME TO project_key`
  expect(await cache.find(project.publicKey, project.id)).not.toBeNull()
})

test('a flood of made-up keys does not make it grow: the oldest answer goes first', async () => {
  const cache = makeCache()
  const keyOf = (n: number) => parsePublicKey(n.toString(16).padStart(32, '0'))
  expect(await cache.find(project.publicKey, project.id)).not.toBeNull()
  const flood = async (from: number, to: number) => {
    for (let at = from; at < to; at += 500) {
      const some = Array.from({ length: Math.min(500, to - at) }, (_, n) => cache.find(keyOf(at + n), project.id))
      expect((await Promise.all(some)).every((answer) => answer === null)).toBe(true)
    }
  }
  await revoke(true)
  await flood(1, ENTRIES_MAX)
  expect(await cache.find(project.publicKey, project.id), 'still remembered').not.toBeNull()
  await flood(ENTRIES_MAX, ENTRIES_MAX + 1)
  expect(await cache.find(project.publicKey, project.id), 'forgotten and asked anew').toBeNull()
  await revoke(false)
})
