import { type Connection, connect } from '@rumen/db/connect'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { findKey, type KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'
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

const AWAY = () => Promise.reject(new Error('nobody answers'))

/** A cache with a clock of the test's own, and a database that can be taken away. */
function makeCache(remembered?: (publicKey: PublicKey) => readonly KeyOwner[] | null) {
  let nowMs = 0
  let questions = 0
  let ask = (publicKey: PublicKey) => findKey(connection.db, publicKey)
  const cache = createKeyCache({
    findKey: (publicKey) => {
      questions++
      return ask(publicKey)
    },
    now: () => nowMs,
    ...(remembered && { remembered }),
  })
  return {
    ...cache,
    pass: (ms: number) => (nowMs += ms),
    questions: () => questions,
    takeAway: (how: () => Promise<never>) => (ask = how),
    projectsOf: async (publicKey: PublicKey) =>
      (await cache.find(publicKey)).owners?.map(({ projectId }) => projectId) ?? null,
  }
}

/** Changes the key; a test's cache hears of it only when it is told. */
async function revoke(isRevoked: boolean): Promise<void> {
  await connection.sql`
    UPDATE project_key SET revoked_at = CASE WHEN ${isRevoked} THEN now() END WHERE project_id = ${project.id}`
}

test('an answer is believed for a minute, and not for longer', async () => {
  const cache = makeCache()
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
  await revoke(true)
  cache.pass(TTL_MS - 1)
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
  cache.pass(1)
  expect(await cache.projectsOf(project.publicKey)).toEqual([])
  // So is a refusal.
  await revoke(false)
  cache.pass(TTL_MS - 1)
  expect(await cache.projectsOf(project.publicKey)).toEqual([])
  cache.pass(1)
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
  expect(cache.questions()).toBe(3)
})

test('a cache that was told of a change asks again, right keys and wrong ones', async () => {
  const cache = makeCache()
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
  await revoke(true)
  cache.expire()
  expect(await cache.projectsOf(project.publicKey)).toEqual([])
  await revoke(false)
  cache.expire()
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
})

test('an answer that was under way when something changed is given, and not remembered', async () => {
  const cache = makeCache()
  const answer = cache.find(project.publicKey)
  cache.expire()
  expect((await answer).owners).toHaveLength(1)
  expect((await cache.find(project.publicKey)).answer).toBe('asked')
})

test('a key that stands in two projects opens both', async () => {
  const publicKey = parsePublicKey('7'.repeat(32))
  const one = await createProject(connection.db, { name: 'One', publicKey })
  const two = await createProject(connection.db, { name: 'Two', publicKey })
  expect((await makeCache().projectsOf(publicKey))?.toSorted()).toEqual([one.id, two.id].toSorted())
})

test('requests that ask at the same time share one query', async () => {
  const cache = makeCache()
  await Promise.all(Array.from({ length: 50 }, () => cache.find(project.publicKey)))
  expect(cache.questions()).toBe(1)
})

test('while the database is away a right key stays right, however long; a wrong one is not called wrong for long', async () => {
  const cache = makeCache()
  const unknown = parsePublicKey('9'.repeat(32))
  await cache.find(project.publicKey)
  await cache.find(unknown)
  cache.takeAway(AWAY)
  expect(await cache.projectsOf(unknown)).toEqual([])
  cache.pass(100 * TTL_MS)
  expect(await cache.find(project.publicKey)).toMatchObject({ answer: 'stale', owners: [{ projectId: project.id }] })
  expect(await cache.find(unknown)).toEqual({ answer: 'unasked', owners: null })
  cache.expire()
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
})

test('while the database is away a key is right that an earlier process knew', async () => {
  const owners = await findKey(connection.db, project.publicKey)
  const cache = makeCache((publicKey) => (publicKey === project.publicKey ? owners : null))
  cache.takeAway(AWAY)
  expect(await cache.find(project.publicKey)).toEqual({ answer: 'stale', owners })
  expect(await cache.projectsOf(parsePublicKey('8'.repeat(32)))).toBeNull()
})

test('a question that failed is asked again the next time', async () => {
  const cache = makeCache()
  await connection.sql`ALTER TABLE project_key RENAME TO project_key_away`
  expect(await cache.projectsOf(project.publicKey)).toBeNull()
  await connection.sql`ALTER TABLE project_key_away RENAME TO project_key`
  expect(await cache.projectsOf(project.publicKey)).toEqual([project.id])
})

test('a database that does not answer is waited for once, not by every request', async () => {
  const cache = makeCache()
  await cache.find(project.publicKey)
  cache.expire()
  cache.takeAway(() => new Promise(() => {}))
  expect((await cache.find(project.publicKey)).answer).toBe('stale')
  const asked = cache.questions()
  for (let n = 0; n < 100; n++) expect((await cache.find(project.publicKey)).answer).toBe('stale')
  expect(cache.questions()).toBe(asked)
})

test('an answer that came too late for its request is known to the next', async () => {
  const late = Promise.withResolvers<readonly KeyOwner[]>()
  const cache = createKeyCache({ findKey: () => late.promise })
  expect((await cache.find(project.publicKey)).answer).toBe('unasked')
  late.resolve(await findKey(connection.db, project.publicKey))
  await late.promise
  await expect.poll(() => cache.peek(project.publicKey)?.answer).toBe('hit')
})

test('a database that does not answer is not asked without end', async () => {
  let questions = 0
  let nowMs = 0
  const cache = createKeyCache({
    findKey: () => {
      questions++
      return new Promise(() => {})
    },
    now: () => nowMs,
  })
  const keyOf = (n: number) => parsePublicKey(n.toString(16).padStart(32, '0'))
  await Promise.all(Array.from({ length: 5_000 }, (_, n) => cache.find(keyOf(n))))
  nowMs += TTL_MS
  await Promise.all(Array.from({ length: 5_000 }, (_, n) => cache.find(keyOf(n))))
  expect(questions).toBeLessThan(1_100)
})

test('a flood of made-up keys drives out the oldest of its own kind, and no right key', async () => {
  let questions = 0
  const right = await findKey(connection.db, project.publicKey)
  const cache = createKeyCache({
    findKey: async (publicKey) => {
      questions++
      return publicKey === project.publicKey ? right : []
    },
  })
  const keyOf = (n: number) => parsePublicKey(n.toString(16).padStart(32, '0'))
  await cache.find(project.publicKey)
  for (let n = 0; n <= ENTRIES_MAX; n++) await cache.find(keyOf(n))
  expect((await cache.find(project.publicKey)).answer).toBe('hit')
  expect((await cache.find(keyOf(1))).answer).toBe('hit')
  questions = 0
  await cache.find(keyOf(0))
  expect(questions, 'forgotten and asked anew').toBe(1)
})
