import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'
import { hold, isWaitingForLock } from './hold.ts'
import { postMany } from './post-many.ts'
import { shortenExpiry } from './shorten-expiry.ts'

const CLIENTS = 10

let stack: Stack

beforeEach(async () => {
  stack = await startStack()
  await shortenExpiry(stack.sql)
})

afterEach(() => stack.stop())

/** Waits for the queue to be empty; none of the processes may end meanwhile. */
async function digestedByTheSame(): Promise<void> {
  const ends = [...stack.gateways, ...stack.workers].map((role) =>
    role.exited.then(() => expect.fail(`a process ended:\n${role.output()}`)),
  )
  const digested = waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, 60_000)
  await Promise.race([digested, ...ends])
}

test('processes whose connections are all cut under load lose nothing answered and go on by themselves', async () => {
  const posting = new AbortController()
  const answered = new Set<string>()
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!posting.signal.aborted) {
      const event = makeEvent()
      const response = await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(event))
      await response.arrayBuffer()
      if (response.status === 200) answered.add(event.event_id)
      else expect(response.status).toBe(503)
    }
  })
  for (let cuts = 0; cuts < 3; cuts++) {
    const before = answered.size
    await waitFor('answers', () => answered.size > before + 20)
    await stack.sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'rumen %'`
  }
  const before = answered.size
  await waitFor('answers after the last cut', () => answered.size > before + 20)
  posting.abort()
  await Promise.all(clients)

  await digestedByTheSame()
  const reports = await stack.sql<{ id: string }[]>`SELECT replace(event_id::text, '-', '') AS id FROM report`
  const reported = new Set(reports.map(({ id }) => id))
  expect([...answered].filter((id) => !reported.has(id))).toEqual([])
  // An event that was committed although its answer was lost is there as well.
  const books = await readBooks(stack.sql)
  expect(books).toEqual(balanced(books.archives))
}, 90_000)

test('a worker whose connection is cut inside its transaction goes on by itself', async () => {
  await postMany(stack, 1)
  await digestedByTheSame()
  const issue = await hold(stack.sql, 'SELECT FROM issue FOR UPDATE')
  await postMany(stack, 5)
  await waitFor('a batch that stands still', () => isWaitingForLock(stack.sql, 'rumen worker'))
  await stack.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'rumen worker' AND wait_event_type = 'Lock'`
  await issue.release()
  await digestedByTheSame()
  expect(await readBooks(stack.sql)).toEqual(balanced(6))
}, 90_000)
