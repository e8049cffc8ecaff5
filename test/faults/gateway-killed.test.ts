import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { readBooks } from './books.ts'

const CLIENTS = 50
/** How long after the first answer the kill comes: anywhere, and the test's name says where it was. */
const KILL_AFTER_MS = Array.from({ length: 3 }, () => Math.floor(Math.random() * 250))

let stack: Stack
const answered = new Set<string>()

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
})

afterAll(() => stack.stop())

/** Posts one event after the other over a kept-alive connection, until one gets no answer. */
async function postUntilCut(gatewayUrl: string): Promise<void> {
  for (;;) {
    const event = makeEvent()
    try {
      const response = await postEnvelope(gatewayUrl, stack.project, makeEnvelope(event))
      if (response.status === 200) answered.add(event.event_id)
      await response.arrayBuffer()
    } catch {
      return
    }
  }
}

async function missingFrom(ids: ReadonlySet<string>, rows: Promise<readonly { id: string }[]>): Promise<string[]> {
  const found = new Set((await rows).map(({ id }) => id))
  return [...ids].filter((id) => !found.has(id))
}

test.for(KILL_AFTER_MS)('what a gateway answered in its last %i ms is archived and queued', async (killAfterMs) => {
  const gateway = await stack.addGateway()
  const before = answered.size
  const clients = Array.from({ length: CLIENTS }, () => postUntilCut(`http://127.0.0.1:${gateway.port}`))
  await waitFor('the first answers', () => answered.size > before)
  await delay(killAfterMs)
  gateway.signal('SIGKILL')
  await Promise.all([gateway.exited, ...clients])

  const queued = stack.sql<{ id: string }[]>`
    SELECT replace(archive.event_id::text, '-', '') AS id
    FROM archive
    JOIN pgboss.job ON job.name IN ('digest', 'digest-excess') AND job.data->>'hash' = encode(archive.hash, 'hex')
      AND job.data->>'project_id' = archive.project_id::text AND job.data->>'day' = archive.day::text`
  expect(await missingFrom(answered, queued)).toEqual([])
  const { archives, jobs } = await readBooks(stack.sql)
  expect(jobs, 'one commit carries both').toBe(archives)
})

test('once both run again, every answered event is there exactly once', async () => {
  await Promise.all([stack.addGateway(), stack.addWorker()])
  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, 30_000)
  const reported = stack.sql<{ id: string }[]>`SELECT replace(event_id::text, '-', '') AS id FROM report`
  expect(await missingFrom(answered, reported)).toEqual([])
  // An event that was committed but never answered may be there too: its client would send it again.
  const books = await readBooks(stack.sql)
  const n = books.archives
  expect(books).toMatchObject({ reports: n, counted: n, hourly: n, wrongIssues: 0, wrongHours: 0, dead: 0 })
}, 60_000)
