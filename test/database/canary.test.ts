import { findCanaryProject } from '@rumen/db/canary/find-canary-project'
import { isVisible } from '@rumen/db/canary/is-visible'
import { leaseCanary } from '@rumen/db/canary/lease-canary'
import { noteCanary } from '@rumen/db/canary/note-canary'
import { readCanary } from '@rumen/db/canary/read-canary'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { readGauges } from '@rumen/db/gauge/read-gauges'
import { createProject } from '@rumen/db/project/create-project'
import { findKey } from '@rumen/db/project/find-key'
import { listProjects } from '@rumen/db/project/list-projects'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hold } from '../faults/hold.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitingForLocks } from './waiting-for-locks.ts'

const AT_ONCE = 6

let database: DatabaseClone
let connection: Connection
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: AT_ONCE + 2, name: 'test' })
  db = connection.db
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function atOnce<Result>(ask: () => Promise<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, ask))
}

test('whoever asks at once, there is one project, with a key that opens it and no limits, and nobody is shown it', async () => {
  const shown = await createProject(db, { name: 'Rumen canary' })
  // Reading goes on; so all of them find none before anybody can make one.
  const held = await hold(connection.sql, 'LOCK TABLE project IN SHARE ROW EXCLUSIVE MODE')
  const asking = atOnce(() => findCanaryProject(db))
  await waitFor('all to wait', async () => (await waitingForLocks(connection.sql)) === AT_ONCE)
  await held.release()
  const found = await asking
  expect(new Set(found.map(({ id, publicKey }) => `${id} ${publicKey}`)).size).toBe(1)
  const [{ id, publicKey } = shown] = found
  expect(id).not.toBe(shown.id)
  expect(await findKey(db, publicKey)).toEqual([
    {
      projectId: id,
      priority: 0,
      projectRatePerSec: 0,
      keyRatePerSec: 0,
      quotas: { minute: null, hour: null, month: null },
    },
  ])
  expect((await listProjects(db)).map((project) => project.id)).toEqual([shown.id])
  expect(await findCanaryProject(db)).toEqual({ id, publicKey })
})

test('one that is of no use any more is replaced', async () => {
  const first = await findCanaryProject(db)
  await connection.sql`UPDATE project_key SET revoked_at = now() WHERE project_id = ${first.id}`
  const second = await findCanaryProject(db)
  expect(second.id).not.toBe(first.id)
  await connection.sql`UPDATE project SET status = 'deleting' WHERE id = ${second.id}`
  expect([first.id, second.id]).not.toContain((await findCanaryProject(db)).id)
})

test('in an interval one of any number is told to send', async () => {
  expect((await atOnce(() => leaseCanary(db, 60))).filter(Boolean)).toHaveLength(1)
  expect(await leaseCanary(db, 60)).toBe(false)
  await connection.sql`UPDATE gauge SET measured_at = now() - interval '61 seconds' WHERE name = 'canary_sent'`
  expect((await atOnce(() => leaseCanary(db, 60))).filter(Boolean)).toHaveLength(1)
  expect((await readCanary(db)).sent).toMatchObject({ value: 60 })
})

test('how it ended can be read, and is none of the gauges of the queue', async () => {
  await noteCanary(db, { kind: 'visible', ms: 41.6 })
  await noteCanary(db, { kind: 'lost', answer: 429 })
  expect(await readCanary(db)).toMatchObject({ visible: { value: 42 }, lost: { value: 429 } })
  expect(await readGauges(db)).toEqual({})
})

test('what nobody sent is not visible', async () => {
  const { id } = await findCanaryProject(db)
  expect(await isVisible(db, { projectId: id, eventId: 'ab'.repeat(16) })).toBe(false)
})
