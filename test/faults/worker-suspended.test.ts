import { connect } from '@rumen/db/connect'
import { DIGEST_QUEUE_OPTIONS } from '@rumen/queue/digest-queue'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'
import { hold, isWaitingForLock } from './hold.ts'
import { postMany } from './post-many.ts'
import { shortenExpiry } from './shorten-expiry.ts'

const RECOVERY_MS_MAX = 60_000

let stack: Stack
let patient: RoleProcess
/** Its transactions are ended by the server after three idle seconds, not thirty: what stands in the address wins. */
let hasty: RoleProcess
let posted = 0

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  patient = await stack.addWorker()
  hasty = await stack.addWorker({ DATABASE_URL: `${stack.databaseUrl}?idle_in_transaction_session_timeout=3000` })
  await shortenExpiry(stack.sql)
})

afterAll(() => stack.stop())

/**
 * Leaves a few events in the hands of `suspended`, which was stopped (SIGSTOP) where its batch waited for the lock that
 * `statement` takes. The lock is free again, and the other worker runs: only the one stands still.
 */
async function suspend(suspended: RoleProcess, statement: string): Promise<void> {
  for (const worker of stack.workers) worker.signal('SIGSTOP')
  const held = await hold(stack.sql, statement)
  posted += (await postMany(stack, 5)).length
  // All of them wait by now, so they become one batch.
  suspended.signal('SIGCONT')
  await waitFor('a batch that stands still', () => isWaitingForLock(stack.sql, 'rumen worker'))
  suspended.signal('SIGSTOP')
  await held.release()
  for (const worker of stack.workers) if (worker !== suspended) worker.signal('SIGCONT')
}

/** Whether jobs have been claimed a second time, and whoever did waits for the transaction of the first. */
async function isTakenOver(): Promise<boolean> {
  const again = await stack.sql`
    SELECT FROM pgboss.job WHERE name = 'digest' AND state = 'active' AND retry_count > 0`
  const waiting = await stack.sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'rumen worker' AND wait_event_type = 'Lock'`
  return again.length > 0 && waiting.length > 0
}

async function digested(): Promise<void> {
  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, RECOVERY_MS_MAX)
}

/** Lets a worker run on and waits until it has noticed that its batch is not its own any more. */
async function resume(suspended: RoleProcess): Promise<void> {
  const before = suspended.output().length
  suspended.signal('SIGCONT')
  await waitFor('the late worker to give up', () => /a batch/.test(suspended.output().slice(before)))
}

/** The worker digests another event, and nobody else can have done it. */
async function goesOn(worker: RoleProcess): Promise<void> {
  for (const other of stack.workers) if (other !== worker) other.signal('SIGSTOP')
  posted += (await postMany(stack, 1)).length
  await Promise.race([digested(), worker.exited.then(() => expect.fail(`it ended:\n${worker.output()}`))])
  for (const other of stack.workers) other.signal('SIGCONT')
}

test(
  'a worker that stood still between reading a batch and writing it changes nothing any more',
  async () => {
    // Looking up dimension values waits for it; that commits by itself, before the main transaction.
    await suspend(patient, 'LOCK TABLE dim_exception_message IN EXCLUSIVE MODE')
    await digested()
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
    await resume(patient)
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
  },
  RECOVERY_MS_MAX,
)

test(
  'a worker that stood still inside its transaction loses the batch to the one that has its jobs now',
  async () => {
    await suspend(patient, 'SELECT FROM issue FOR UPDATE')
    // The other one has claimed the jobs, and waits for the event ids that the suspended transaction marked.
    await waitFor('the other worker', isTakenOver, RECOVERY_MS_MAX)
    await resume(patient)
    await digested()
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
    await goesOn(patient)
  },
  RECOVERY_MS_MAX,
)

test(
  'a transaction that stands still is ended by the server, and the others go on without it',
  async () => {
    await suspend(hasty, 'SELECT FROM issue FOR UPDATE')
    await digested()
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
    await resume(hasty)
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
    await goesOn(hasty)
  },
  RECOVERY_MS_MAX,
)

test('a transaction that stands still is ended before its jobs are handed to somebody else', async () => {
  const { sql, close } = connect(stack.databaseUrl, { poolSize: 1, name: 'test' })
  const [limit] = await sql<[{ seconds: number }]>`
    SELECT extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)::int AS seconds`
  await close()
  expect(limit.seconds).toBeGreaterThan(0)
  expect(limit.seconds).toBeLessThan(DIGEST_QUEUE_OPTIONS.expireInSeconds)
})
