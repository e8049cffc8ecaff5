import { forgetAttempts } from '@rumen/db/attempt/forget-attempts'
import { type Connection, connect } from '@rumen/db/connect'
import { dayOf } from '@rumen/db/partition/day'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import { DIGEST_QUEUE, DIGEST_QUEUE_OPTIONS, readDigestJob } from '@rumen/queue/digest-queue'
import { type ClaimedJob, type Consumer, startConsumer } from '@rumen/queue/start-consumer'
import { type NewJob, type Sender, startSender } from '@rumen/queue/start-sender'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createAttempts } from './attempts.ts'
import { type DigestOptions, digestClaimed, type Hand, letGo } from './digest-claimed.ts'

let database: DatabaseClone
let connection: Connection
let sql: Connection['sql']
let sender: Sender
let consumer: Consumer
let options: DigestOptions

/** What a worker digested, and what it gave up, `<n> <code>`. */
let digested: number[] = []
let rejected: string[] = []
/** How often what was digested had been claimed in vain. */
let retries: number[] = []
let tries: number[][] = []
/** What happens to a batch beside being digested; by default nothing. */
let fail: (numbers: readonly number[]) => void | Promise<void> = () => undefined

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 3, name: 'test' })
  sql = connection.sql
  sender = await startSender(database.url, onError)
  consumer = await startConsumer(database.url, onError)
  options = {
    consumer,
    isExpired: async () => false,
    attempts: createAttempts(connection.db),
    logger: createLogger({ role: 'worker', level: 'silent' }),
    async digest(jobs) {
      tries.push(jobs.map(numberOf))
      await fail(jobs.map(numberOf))
      await settle(jobs)
      retries.push(...jobs.map(({ retryCount }) => retryCount))
      digested.push(...jobs.map(numberOf))
      return []
    },
    async reject(job, { code }) {
      await settle([job])
      rejected.push(`${numberOf(job)} ${code}`)
    },
  }
})

afterEach(async () => {
  await sql`DELETE FROM pgboss.job`
  await sql`DELETE FROM digest_attempt`
  ;[digested, rejected, retries, tries, fail] = [[], [], [], [], () => undefined]
})

afterAll(async () => {
  await Promise.all([sender.stop(), consumer.stop()])
  await connection.close()
  await database.drop()
})

function onError(error: Error): void {
  throw error
}

async function settle(jobs: readonly ClaimedJob[]): Promise<void> {
  const addresses = jobs.map(({ data }) => readDigestJob(data)).filter((job) => job !== null)
  await connection.db.transaction(async (tx) => {
    await forgetAttempts(
      tx,
      addresses.map(({ project_id, day, hash }) => ({ projectId: project_id, day, hash })),
    )
    await consumer.settle(tx, jobs)
  })
}

function numberOf(job: ClaimedJob): number {
  return Number.parseInt(readDigestJob(job.data)?.hash ?? '', 16)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at)
}

async function enqueue(numbers: readonly number[]): Promise<void> {
  const jobs = numbers.map((n): NewJob => {
    const hash = n.toString(16).padStart(64, '0')
    return { queue: DIGEST_QUEUE, project_id: parseProjectId('1'), day: dayOf(new Date()), hash, priority: 0 }
  })
  await sql.begin((tx) =>
    sender.enqueue(
      { executeSql: async (text, values = []) => ({ rows: await tx.unsafe(text, values as string[]) }) },
      jobs,
    ),
  )
}

class Crash extends Error {}

/** One life of a worker: it claims once and digests; false when it dies of that, with what it holds still claimed. */
async function live(stopping = new AbortController()): Promise<boolean> {
  const hand: Hand = { held: new Set(await consumer.claim(500)), tried: [], attempted: new Set() }
  return await new Promise((resolve, reject) => {
    const digest: DigestOptions['digest'] = async (jobs) => {
      try {
        return await options.digest(jobs)
      } catch (error) {
        if (!(error instanceof Crash)) throw error
        resolve(false)
        return await new Promise(() => undefined)
      }
    }
    digestClaimed({ ...options, digest }, hand, stopping.signal).then(() => resolve(true), reject)
  })
}

/** What pg-boss does to the jobs of a dead worker after a minute, and the pauses behind them. */
async function lapse(): Promise<void> {
  await sql`
    UPDATE pgboss.job
    SET state = CASE WHEN retry_count < retry_limit THEN 'retry' ELSE 'failed' END::pgboss.job_state,
      output = '{"value": {"message": "job timed out"}}'
    WHERE state = 'active'`
  await sql`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'`
}

async function countJobs(): Promise<number> {
  const [row] = await sql<[{ jobs: number }]>`SELECT count(*)::int AS jobs FROM pgboss.job`
  return row.jobs
}

/** Lives one worker after the other until no job is left; gives how many died. */
async function liveOn(): Promise<number> {
  let deaths = 0
  for (let lives = 0; lives < 100; lives++) {
    if (!(await live())) deaths++
    await lapse()
    if ((await countJobs()) === 0) return deaths
  }
  throw new Error('it does not end')
}

async function attemptsLeft(): Promise<number> {
  const [row] = await sql<
    [{ attempts: number }]
  >`SELECT coalesce(sum(attempts), 0)::int AS attempts FROM digest_attempt`
  return row.attempts
}

/** The batch's event that is one of these. */
function killedBy(...killers: number[]) {
  return (numbers: readonly number[]) => {
    if (numbers.some((n) => killers.includes(n))) throw new Crash()
  }
}

test('an event that kills the process is given up after three times alone, and takes its neighbours along twice', async () => {
  await enqueue(range(1, 40))
  fail = killedBy(20)
  expect(await liveOn()).toBe(4)
  expect(rejected).toEqual(['20 digest_crashed'])
  expect(digested.toSorted((a, b) => a - b)).toEqual(range(1, 40).filter((n) => n !== 20))
  expect(tries.filter((numbers) => numbers.includes(20)).map((numbers) => numbers.length)).toEqual([40, 1, 1, 1])
  // In the whole batch, and those behind it once more, as suspects like it.
  expect(Math.max(...retries)).toBeLessThanOrEqual(2)
  expect(await attemptsLeft()).toBe(0)
})

test('however many kill the process, nobody else runs out of tries', async () => {
  const killers = range(1, DIGEST_QUEUE_OPTIONS.retryLimit + 3)
  const innocent = range(killers.length + 1, killers.length + 20)
  await enqueue([...killers, ...innocent])
  fail = killedBy(...killers)
  await liveOn()
  expect(digested.toSorted((a, b) => a - b)).toEqual(innocent)
  expect(rejected.toSorted()).toEqual(killers.map((n) => `${n} digest_crashed`).toSorted())
})

test('an event that fails by itself is given up the third time, whatever was tried before', async () => {
  await enqueue(range(1, 8))
  fail = (numbers) => {
    if (numbers.includes(5)) throw new TypeError('a bug')
  }
  expect(await liveOn()).toBe(0)
  expect(rejected).toEqual(['5 digest_failed'])
  expect(tries.filter((numbers) => numbers.length === 1 && numbers[0] === 5)).toHaveLength(3)
  expect(digested).toHaveLength(7)
  expect(await attemptsLeft()).toBe(0)
})

test('the neighbours of an event that fails by itself are digested in the same turn, and none is given back', async () => {
  await enqueue(range(1, 8))
  fail = (numbers) => {
    if (numbers.includes(5)) throw new TypeError('a bug')
  }
  expect(await live()).toBe(true)
  expect(digested.toSorted((a, b) => a - b)).toEqual(range(1, 8).filter((n) => n !== 5))
  // What was given back would still be there, to come again one by one as suspects.
  const left = await sql`SELECT data ->> 'hash' AS hash, state FROM pgboss.job`
  expect(left).toEqual([{ hash: '5'.padStart(64, '0'), state: 'retry' }])
  expect(await attemptsLeft()).toBe(1)
})

test('one that fails and one that kills have one count of tries', async () => {
  await enqueue([1])
  let times = 0
  fail = () => {
    if (++times === 2) throw new Crash()
    throw new TypeError('a bug')
  }
  expect(await liveOn()).toBe(1)
  expect(times).toBe(3)
  expect(rejected).toEqual(['1 digest_failed'])
})

test('what the database is to blame for is nobody’s attempt', async () => {
  await enqueue([1])
  let times = 0
  fail = () => {
    if (++times <= 6) throw Object.assign(new Error('the disk is full'), { code: '53100' })
  }
  await liveOn()
  expect(digested).toEqual([1])
  expect(await attemptsLeft()).toBe(0)
})

test('a worker that is to stop gives back at once what it has not begun, and no try is counted', async () => {
  await enqueue(range(1, 10))
  fail = killedBy(...range(1, 10))
  await live()
  await lapse()
  const stopping = new AbortController()
  fail = () => stopping.abort()
  expect(await live(stopping)).toBe(true)
  expect(digested).toHaveLength(1)
  const waiting = await sql`SELECT retry_count FROM pgboss.job WHERE state = 'created' AND start_after <= now()`
  expect(waiting).toHaveLength(9)
  fail = () => undefined
  const again = await consumer.claim(10)
  expect(again.map(({ retryCount }) => retryCount)).toEqual(Array(9).fill(1))
})

test('what is held when the database goes away is given back when it returns', async () => {
  await enqueue(range(1, 5))
  fail = killedBy(...range(1, 5))
  await live()
  await lapse()
  fail = () => {
    throw Object.assign(new Error('gone'), { code: 'CONNECTION_CLOSED' })
  }
  const hand: Hand = { held: new Set(await consumer.claim(500)), tried: [], attempted: new Set() }
  const away = { ...consumer, giveBack: () => Promise.reject(new Error('gone too')) }
  await expect(digestClaimed({ ...options, consumer: away }, hand, new AbortController().signal)).rejects.toThrow(
    'gone too',
  )
  expect(hand.held.size).toBe(5)
  await letGo(options, hand, 'the database was away')
  const states = await sql`SELECT state, count(*)::int AS jobs FROM pgboss.job GROUP BY state ORDER BY state`
  expect(states).toEqual([
    { state: 'created', jobs: 4 },
    { state: 'retry', jobs: 1 },
  ])
  expect(await attemptsLeft()).toBe(0)
})

test('a worker that is to stop gives back what was too much for one batch', async () => {
  await enqueue(range(1, 9))
  const inner = options.digest
  const stopping = new AbortController()
  const few = {
    ...options,
    async digest(jobs: readonly ClaimedJob[]) {
      stopping.abort()
      return [...(await inner(jobs.slice(0, 4))), ...jobs.slice(4)]
    },
  }
  const hand: Hand = { held: new Set(await consumer.claim(500)), tried: [], attempted: new Set() }
  await digestClaimed(few, hand, stopping.signal)
  expect(digested).toHaveLength(4)
  const again = await consumer.claim(10)
  expect(again.map(({ retryCount }) => retryCount)).toEqual(Array(5).fill(0))
})

test('what was too much for one batch is digested in the next', async () => {
  await enqueue(range(1, 9))
  const inner = options.digest
  const few = {
    ...options,
    digest: async (jobs: readonly ClaimedJob[]) => [...(await inner(jobs.slice(0, 4))), ...jobs.slice(4)],
  }
  const hand: Hand = { held: new Set(await consumer.claim(500)), tried: [], attempted: new Set() }
  await digestClaimed(few, hand, new AbortController().signal)
  expect(tries.map((numbers) => numbers.length)).toEqual([4, 4, 1])
  expect(await countJobs()).toBe(0)
})
