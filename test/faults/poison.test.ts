import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'
import { postMany } from './post-many.ts'
import { shortenExpiry } from './shorten-expiry.ts'

const OTHERS = 199
const MS_MAX = 120_000
const ENVIRONMENT = {
  NODE_OPTIONS: `--import=${new URL('./fixtures/poison.ts', import.meta.url).href}`,
  // Jobs behind a retry are digested one by one: of fewer a worker is done before its shortened claim lapses.
  WORKER_REPORTS_BATCH_SIZE: '100',
}

let stack: Stack

beforeEach(async () => {
  stack = await startStack({ workers: 0 })
})

afterEach(() => stack.stop())

/** Posts an event that does this to a worker, in the middle of others that do nothing; gives its archive's hash. */
async function postPoison(poison: 'abort' | 'loop'): Promise<string> {
  await postMany(stack, Math.floor(OTHERS / 2))
  const event = makeEvent({ extra: { poison } })
  expect((await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(event))).status).toBe(200)
  await postMany(stack, Math.ceil(OTHERS / 2))
  const [archive] = await stack.sql`SELECT encode(hash, 'hex') AS hash FROM archive WHERE event_id = ${event.event_id}`
  return archive?.hash
}

/** Keeps one worker running until no job is left, as a service manager does; gives how often it had to start another. */
async function superviseUntilDone(): Promise<number> {
  let restarts = 0
  let worker = await stack.addWorker(ENVIRONMENT)
  let hasEnded = false
  const watch = () => void worker.exited.then(() => (hasEnded = true))
  watch()
  const deadline = Date.now() + MS_MAX
  while ((await readBooks(stack.sql)).jobs > 0) {
    if (Date.now() > deadline) throw new Error(`it does not end:\n${worker.output()}`)
    if (hasEnded) {
      restarts++
      hasEnded = false
      worker = await stack.addWorker(ENVIRONMENT)
      watch()
    }
    // The pauses between two tries are pg-boss's, and tested elsewhere.
    await stack.sql`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND start_after > now()`
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return restarts
}

async function errors() {
  return await stack.sql`SELECT code, encode(archive_hash, 'hex') AS hash FROM digest_error`
}

/** Whatever came of the one, all others are digested once, and nothing is left behind. */
async function expectBalance(): Promise<void> {
  expect(await readBooks(stack.sql)).toEqual({ ...balanced(OTHERS), archives: OTHERS + 1 })
  const rejected = await stack.sql`SELECT sum(quantity)::int AS quantity FROM outcome WHERE outcome = 'rejected'`
  expect(rejected).toEqual([{ quantity: 1 }])
  expect(await stack.sql`SELECT FROM digest_attempt`).toHaveLength(0)
}

test(
  'an event that aborts the process costs itself only, and ends in the list of errors',
  async () => {
    await shortenExpiry(stack.sql, 4)
    const hash = await postPoison('abort')
    expect(await superviseUntilDone()).toBe(4)
    expect(await errors()).toEqual([{ code: 'digest_crashed', hash }])
    await expectBalance()
  },
  MS_MAX,
)

test(
  'an event that loops for ever is interrupted, and the worker goes on',
  async () => {
    const hash = await postPoison('loop')
    expect(await superviseUntilDone()).toBe(0)
    expect(await errors()).toEqual([{ code: 'out_of_time', hash }])
    await expectBalance()
    await postMany(stack, 1)
    await waitFor('the next event', async () => (await readBooks(stack.sql)).reports === OTHERS + 1)
  },
  MS_MAX,
)
