import { createDay } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dropDay } from '../support/drop-day.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { readBooks } from './books.ts'
import { postMany } from './post-many.ts'

const LONG_AGO = addDays(dayOf(new Date()), -40)

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
  await createDay(stack.sql, LONG_AGO)
  await dropDay(stack.databaseUrl, { table: 'report', day: LONG_AGO })
})

afterAll(() => stack.stop())

/** Makes it one of that day, with all that waits. */
async function moveTo(day: string, eventId: string): Promise<void> {
  await stack.sql`UPDATE archive SET day = ${day} WHERE event_id = ${eventId}`
  await stack.sql`UPDATE pgboss.job SET data = jsonb_set(data, '{day}', to_jsonb(${day}::text)) WHERE name = 'digest'`
}

test('an archive kept longer than the reports of its day is said to have expired, at once, and costs nobody else anything', async () => {
  const [worker] = stack.workers
  worker?.signal('SIGSTOP')
  const old = makeEvent()
  expect((await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(old))).status).toBe(200)
  await moveTo(LONG_AGO, old.event_id)
  await postMany(stack, 30)
  worker?.signal('SIGCONT')

  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, 20_000)
  expect(await readBooks(stack.sql)).toMatchObject({ reports: 30 })
  expect(await stack.sql`SELECT code, to_char(day, 'YYYY-MM-DD') AS day, message FROM digest_error`).toEqual([
    { code: 'expired', day: LONG_AGO, message: 'reports of its day are not kept any more' },
  ])
}, 60_000)

test('an archive whose day is only missing waits until it is there', async () => {
  const [worker] = stack.workers
  worker?.signal('SIGSTOP')
  const event = makeEvent()
  expect((await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(event))).status).toBe(200)
  await moveTo(LONG_AGO, event.event_id)
  // Older reports are kept.
  await createDay(stack.sql, addDays(LONG_AGO, -1))
  worker?.signal('SIGCONT')

  await waitFor('a try that failed', async () => {
    return (await stack.sql`SELECT FROM pgboss.job WHERE name = 'digest' AND retry_count > 0`).length === 1
  })
  await createDay(stack.sql, LONG_AGO)
  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, 60_000)
  const reports =
    await stack.sql`SELECT to_char(day, 'YYYY-MM-DD') AS day FROM report WHERE event_id = ${event.event_id}`
  expect(reports).toEqual([{ day: LONG_AGO }])
}, 120_000)
