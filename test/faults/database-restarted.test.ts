import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createProject } from '@rumen/db/project/create-project'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { installQueues } from '@rumen/queue/install-queues'
import { afterAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { startRole } from '../support/start-role.ts'
import { waitFor } from '../support/wait-for.ts'

/** What to undo, last first. */
const releasers: (() => Promise<unknown>)[] = []

afterAll(async () => {
  for (const release of releasers.reverse()) await release()
})

test('a database that was away is used again by itself, notifications included', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'rumen-test-'))
  releasers.push(() => rm(dataDir, { recursive: true, force: true }))
  const first = await startPostgres({ dataDir })
  releasers.push(first.stop)
  await migrate(first.url)
  await installQueues(first.url)
  const setup = connect(first.url, { poolSize: 1, name: 'test' })
  const project = await createProject(setup.db, { name: 'Test' })
  await setup.close()
  const gateway = await startRole('gateway', first.url)
  releasers.push(gateway.stop)
  // It does not poll: whatever it digests, a notification told it of.
  const worker = await startRole('worker', first.url, { WORKER_INTERVAL_SECS: '3600' })
  releasers.push(worker.stop)
  const gatewayUrl = `http://127.0.0.1:${gateway.port}`
  const post = async () => {
    const event = makeEvent()
    const response = await postEnvelope(gatewayUrl, project, makeEnvelope(event))
    await response.arrayBuffer()
    return { id: event.event_id, status: response.status }
  }

  await first.stop()
  await waitFor('a refusal', async () => (await post()).status === 503)
  const health = await fetch(`${gatewayUrl}/health`)
  expect(health.status).toBe(503)

  const again = await startPostgres({ dataDir, port: first.port })
  releasers.push(again.stop)
  const accepted = await waitFor('an event answered 200', async () => {
    const answer = await post()
    return answer.status === 200 && answer.id
  })
  const { sql, close } = connect(again.url, { poolSize: 1, name: 'test' })
  releasers.push(close)
  await waitFor('the worker to be told', async () => {
    // Until the worker listens again, a wake-up finds nobody.
    await post()
    const rows = await sql`SELECT FROM report WHERE event_id = ${accepted}`
    return rows.length === 1
  })
})
