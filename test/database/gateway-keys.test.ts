import { connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import { KEY_CHANNEL } from '@rumen/db/project/key-channel'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

/** Long before the sixty seconds after which a remembered answer is asked for again. */
const NOTICED_MS_MAX = 1_000

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
})

afterAll(() => stack.stop())

async function statusOf(project: Parameters<typeof postEnvelope>[1]): Promise<number> {
  const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(makeEvent()))
  await response.arrayBuffer()
  return response.status
}

test('a key made after it was refused works within a second', async () => {
  const publicKey = parsePublicKey('a'.repeat(32))
  // The next project's number: the refusal is remembered for the key, whatever project it is asked for.
  const id = stack.project.id
  expect(await statusOf({ id, publicKey })).toBe(403)
  const project = await createProject(stack.db, { name: 'Later', publicKey })
  await waitFor('the key', async () => (await statusOf(project)) === 200, NOTICED_MS_MAX)
  expect(await statusOf({ id, publicKey }), 'it opens its own project and no other').toBe(403)
})

test('a revoked key stops working within a second, and others go on', async () => {
  const project = await createProject(stack.db, { name: 'Revoked' })
  expect(await statusOf(project)).toBe(200)
  await stack.sql`UPDATE project_key SET revoked_at = now() WHERE project_id = ${project.id}`
  await stack.sql.notify(KEY_CHANNEL, '')
  await waitFor('the refusal', async () => (await statusOf(project)) === 403, NOTICED_MS_MAX)
  expect(await statusOf(stack.project)).toBe(200)
})

test('the keys of a project that is being deleted are refused', async () => {
  const project = await createProject(stack.db, { name: 'Going' })
  expect(await statusOf(project)).toBe(200)
  await stack.sql`UPDATE project SET status = 'deleting' WHERE id = ${project.id}`
  await stack.sql.notify(KEY_CHANNEL, '')
  await waitFor('the refusal', async () => (await statusOf(project)) === 403, NOTICED_MS_MAX)
})

test('notifications are heard again after the connection that hears them was cut', async () => {
  const cut = async () => {
    const rows = await stack.sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'rumen gateway notifications' AND query ILIKE 'listen%'`
    return rows[0]?.pid
  }
  const before = await cut()
  await stack.sql`SELECT pg_terminate_backend(${before ?? 0})`
  await waitFor('another connection that listens', async () => {
    const pid = await cut()
    return pid !== undefined && pid !== before
  })
  const publicKey = parsePublicKey('b'.repeat(32))
  expect(await statusOf({ id: stack.project.id, publicKey })).toBe(403)
  const project = await createProject(stack.db, { name: 'After the cut', publicKey })
  await waitFor('the key', async () => (await statusOf(project)) === 200, NOTICED_MS_MAX)
})

test('a key that cannot be looked up is not called wrong, neither when the question fails nor when nobody answers', async () => {
  const project = await createProject(stack.db, { name: 'Unasked' })
  const unknown = { id: project.id, publicKey: parsePublicKey('c'.repeat(32)) }
  await stack.sql`ALTER TABLE project_key RENAME TO project_key_away`
  expect(await statusOf(project)).toBe(503)
  await stack.sql`ALTER TABLE project_key_away RENAME TO project_key`
  expect(await statusOf(project), 'the failure is not remembered').toBe(200)

  const name = new URL(stack.databaseUrl).pathname.slice(1)
  // From elsewhere: nobody can shut the door of the room they are in.
  const admin = connect(inject('adminUrl'), { poolSize: 1, name: 'test' })
  await admin.sql`ALTER DATABASE ${admin.sql(name)} ALLOW_CONNECTIONS false`
  try {
    await stack.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'rumen %'`
    expect(await statusOf(unknown)).toBe(503)
  } finally {
    await admin.sql`ALTER DATABASE ${admin.sql(name)} ALLOW_CONNECTIONS true`
    await admin.close()
  }
  await waitFor('an answer again', async () => (await statusOf(unknown)) === 403)
  await waitFor('an event answered again', async () => (await statusOf(project)) === 200)
})
