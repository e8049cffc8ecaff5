import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'
import { hold, isWaitingForLock } from './hold.ts'
import { postMany } from './post-many.ts'
import { EXPIRY_SECONDS, shortenExpiry } from './shorten-expiry.ts'

const RECOVERY_MS_MAX = (EXPIRY_SECONDS + 60) * 1000

let stack: Stack
let posted = 0

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  await addWorker()
})

afterAll(() => stack.stop())

/** Jobs behind a retry are digested one by one: with a smaller batch a worker is done with them before they expire again. */
async function addWorker(): Promise<RoleProcess> {
  const worker = await stack.addWorker({ WORKER_REPORTS_BATCH_SIZE: '50' })
  await shortenExpiry(stack.sql)
  return worker
}

async function digested(): Promise<void> {
  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, RECOVERY_MS_MAX)
}

async function kill(worker: RoleProcess | undefined): Promise<void> {
  worker?.signal('SIGKILL')
  await worker?.exited
}

test(
  'a worker killed inside its transaction leaves nothing behind, and the next one digests everything once',
  async () => {
    posted += (await postMany(stack, 1)).length
    await digested()
    // The issue's row comes late in a batch: reports and outcomes are written, jobs not yet settled.
    const issue = await hold(stack.sql, 'SELECT FROM issue FOR UPDATE')
    posted += (await postMany(stack, 40)).length
    await waitFor('a batch that stands still', () => isWaitingForLock(stack.sql, 'rumen worker'))
    const active = await stack.sql`SELECT FROM pgboss.job WHERE name = 'digest' AND state = 'active'`
    expect(active.length).toBeGreaterThan(0)

    await kill(stack.workers[0])
    await issue.release()
    expect(await readBooks(stack.sql)).toEqual({ ...balanced(1), archives: posted, jobs: posted - 1 })

    await addWorker()
    await digested()
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
  },
  RECOVERY_MS_MAX,
)

test(
  'workers killed at any moment lose nothing and count nothing twice',
  async () => {
    for (let kills = 0; kills < 2; kills++) {
      const { reports } = await readBooks(stack.sql)
      posted += (await postMany(stack, 150)).length
      // Somewhere among its batches, wherever that finds it.
      await waitFor('some of them digested', async () => (await readBooks(stack.sql)).reports > reports)
      await kill(stack.workers.at(-1))
      await addWorker()
    }
    await digested()
    expect(await readBooks(stack.sql)).toEqual(balanced(posted))
  },
  RECOVERY_MS_MAX,
)
