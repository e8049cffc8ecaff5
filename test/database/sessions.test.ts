import { connect } from '@rumen/db/connect'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createSessionDays } from '@rumen/db/session/session-days'
import { type SessionBatch, writeSessions } from '@rumen/db/session/write-sessions'
import { SESSION_STATUSES, type SessionUpdate } from '@rumen/protocol/read-session'
import type { SessionBucket, SessionSums } from '@rumen/protocol/read-sessions'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closePlace, openPlace, type Place, readHours, readSessions, recount, WORKERS, write } from './session-place.ts'
import { countStatements } from './statement-counter.ts'

const HOUR = 60 * 60 * 1000
const today = dayOf(new Date())
const midnight = Date.parse(`${today}T00:00:00Z`)

let busy: Place
let clean: Place

beforeAll(async () => {
  busy = await openPlace(['shop@1', 'shop@2', 'shop@3', 'old@1', 'production', 'staging'])
  clean = await openPlace(['staging', 'production', 'shop@3', 'shop@2', 'shop@1'])
})

afterAll(async () => {
  await closePlace(busy)
  await closePlace(clean)
})

beforeEach(async () => {
  for (const { sql } of [busy, clean]) await sql`TRUNCATE session, session_hour, session_user_hour`
})

function sidOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

function makeUpdate(changes: Partial<SessionUpdate> = {}): SessionUpdate {
  const isError = !['ok', 'exited'].includes(changes.status ?? 'ok')
  return {
    sid: sidOf(1),
    did: null,
    seq: 0,
    startedAt: new Date(midnight + HOUR),
    timestamp: new Date(midnight + HOUR),
    status: 'ok',
    errors: isError ? 1 : 0,
    duration: null,
    abnormalMechanism: null,
    release: 'shop@1',
    environment: null,
    ...changes,
  }
}

function makeSums(buckets: readonly Partial<SessionBucket>[]): SessionSums {
  const none = { did: null, exited: 0, errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }
  const startedAt = new Date(midnight + HOUR)
  return {
    release: 'shop@1',
    environment: null,
    buckets: buckets.map((one) => ({ startedAt, ...none, ...one })),
    dropped: 0,
  }
}

/** Updates of 60 sessions that disagree about everything, some of them across midnight. */
const [stream = []] = fc.sample(
  fc.array(
    fc
      .record({
        sid: fc.integer({ min: 1, max: 60 }).map(sidOf),
        did: fc.constantFrom(null, 'mia', 'ann'),
        seq: fc.nat(3),
        startedAt: fc.constantFrom(-2, -1, 0, 1).map((hours) => new Date(midnight + hours * HOUR + 1)),
        status: fc.constantFrom(...SESSION_STATUSES, 'ok' as const, 'ok' as const),
        duration: fc.constantFrom(null, 0, 0.1, 1e9),
        abnormalMechanism: fc.constantFrom(null, 'anr_foreground'),
        release: fc.constantFrom('shop@1', 'shop@2', 'shop@3'),
        environment: fc.constantFrom(null, 'production', 'staging'),
      })
      .map(makeUpdate),
    { minLength: 300, maxLength: 300 },
  ),
  { seed: 20261121, numRuns: 1 },
)

function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ one }) => one)
}

function* inBatches<T>(all: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
}

describe('a stream of updates', () => {
  test('that workers merge at once, shuffled and half of it twice, comes to what it comes to in order', async () => {
    const repeated = shuffled([...stream, ...stream.slice(0, stream.length / 2)])
    await Promise.all(
      busy.workers.map(async (_, at) => {
        const own = repeated.filter((__, index) => index % WORKERS === at)
        for (const updates of inBatches(own, 15)) await write(busy, { updates }, at)
      }),
    )
    await write(clean, { updates: stream })
    const sessions = await readSessions(busy)
    expect(sessions).toEqual(await readSessions(clean))
    expect(sessions).toHaveLength(new Set(stream.map(({ sid }) => sid)).size)
    expect(await readHours(busy)).toEqual(await readHours(clean))
    for (const place of [busy, clean]) expect(await readHours(place)).toEqual(await recount(place))
  })

  test('that every worker merges whole, at the same moment, is counted once', async () => {
    for (let round = 0; round < 4; round++) {
      await Promise.all(busy.workers.map((_, at) => write(busy, { updates: shuffled(stream) }, at)))
    }
    await write(clean, { updates: stream })
    expect(await readSessions(busy)).toEqual(await readSessions(clean))
    expect(await readHours(busy)).toEqual(await recount(busy))
  })

  test('of more sessions than are locked one by one is merged beside small ones all the same', async () => {
    const many = Array.from({ length: 800 }, (_, n) => makeUpdate({ sid: sidOf(n), did: `user ${n % 7}` }))
    const ends = many.map((update): SessionUpdate => ({ ...update, seq: 1, status: 'exited' }))
    await Promise.all([
      write(busy, { updates: shuffled(many) }, 0),
      write(busy, { updates: shuffled(ends) }, 1),
      write(busy, { updates: ends.slice(0, 100) }, 2),
    ])
    const [counts] =
      await busy.sql`SELECT count(*)::int AS n, count(DISTINCT sid)::int AS sids, min(status) FROM session`
    expect(counts).toEqual({ n: 800, sids: 800, min: 'exited' })
    expect(await readHours(busy)).toEqual(await recount(busy))
  })
})

describe('an update', () => {
  const counts = { sessions: 1, errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }

  test('that comes again, or after the end, changes nothing', async () => {
    const updates = [makeUpdate(), makeUpdate({ seq: 5, status: 'exited', duration: 3.5 })]
    await write(busy, { updates })
    const before = [await readSessions(busy), await readHours(busy)]
    for (const update of [...updates, makeUpdate({ seq: 9 })]) await write(busy, { updates: [update] })
    expect([await readSessions(busy), await readHours(busy)]).toEqual(before)
    expect(before).toMatchObject([[{ status: 'exited', duration: 3.5 }], [counts]])
  })

  test('that comes last and is the first moves the session to its release, environment, user and hour', async () => {
    await write(busy, { updates: [makeUpdate({ seq: 4, status: 'crashed', did: 'ann' })] })
    const first = {
      seq: 0,
      release: 'shop@2',
      environment: 'production',
      did: 'mia',
      startedAt: new Date(midnight + 1),
    }
    await write(busy, { updates: [makeUpdate(first)] })
    const place = { hour: midnight / 1000, release: 'shop@2', environment: 'production' }
    const crashed = { ...counts, errored: 1, crashed: 1 }
    expect(await readHours(busy)).toEqual([
      { ...place, did: expect.any(String), ...crashed },
      { ...place, did: null, ...crashed },
    ])
  })

  test('hours later that tells of a crash finds its session of yesterday', async () => {
    const startedAt = new Date(midnight - HOUR)
    await write(busy, { updates: [makeUpdate({ startedAt })] })
    await write(busy, { updates: [makeUpdate({ startedAt, seq: 1, status: 'crashed' })] })
    expect(await busy.sql`SELECT day::text, status FROM session`).toEqual([
      { day: addDays(today, -1), status: 'crashed' },
    ])
  })

  test('of a day without a partition is stored under the next one, and found there when the day was made after all', async () => {
    const startedAt = new Date(midnight - 3 * 24 * HOUR)
    await write(clean, { updates: [makeUpdate({ startedAt })] })
    await createDay(clean.sql, addDays(today, -3))
    await write(clean, { updates: [makeUpdate({ startedAt, seq: 1, status: 'exited' })] })
    const rows = await clean.sql`SELECT day::text, extract(epoch FROM started_at)::int AS started, status FROM session`
    expect(rows).toEqual([{ day: addDays(today, -1), started: startedAt.getTime() / 1000, status: 'exited' }])
  })

  test('names a release like that of an expired value without touching the row’s own', async () => {
    await write(busy, { updates: [makeUpdate({ release: 'old@1' })] })
    await busy.sql`DELETE FROM dim_release WHERE value = 'old@1'`
    await write(busy, { updates: [makeUpdate({ release: 'shop@2', seq: 1, status: 'exited' })] })
    expect(await readHours(busy)).toMatchObject([{ ...counts, release: null }])
  })

  test('keeps no user’s name', async () => {
    await write(busy, { updates: [makeUpdate({ did: 'mia@example.org' })] })
    const [row] = await busy.sql`SELECT row_to_json(session)::text AS text FROM session`
    expect(row?.text).not.toContain('mia')
  })
})

test('a batch takes as many statements for 400 sessions as for one', async () => {
  const counter = await countStatements(busy.database.url)
  const connection = connect(counter.url, { poolSize: 1, name: 'counted' })
  await connection.sql`SELECT 1`
  const countOf = async (n: number) => {
    const updates = Array.from({ length: n }, (_, at) => makeUpdate({ sid: sidOf(at), did: `${at}` }))
    const early = updates.map((update) => ({ ...update, startedAt: new Date(midnight), seq: 1 }))
    const batch: SessionBatch[] = [updates, early].map((all) => ({
      updates: all.map((update) => ({ projectId: busy.projectId, releaseId: 1, environmentId: 0, update })),
      sums: [],
      days: [addDays(today, -1), today],
    }))
    counter.take('counted')
    for (const one of batch) await connection.db.transaction((tx) => writeSessions(tx, one))
    return counter.take('counted').filter((text) => !/^(begin|commit)/i.test(text)).length
  }
  const forOne = await countOf(1)
  await busy.sql`TRUNCATE session, session_hour, session_user_hour`
  expect(await countOf(400)).toBe(forOne)
  expect(forOne).toBeLessThanOrEqual(2 * 10)
  await connection.close()
  await counter.close()
})

test('the days to write to are asked for once a minute', async () => {
  let now = 0
  const [worker] = busy.workers
  if (!worker) throw new Error('no worker')
  const readDays = createSessionDays(worker.db, () => now)
  const days = await readDays()
  expect(days).toEqual(Array.from({ length: 16 }, (_, n) => addDays(today, n - 1)))
  now = 59_999
  expect(await readDays()).toBe(days)
  now = 60_000
  expect(await readDays()).not.toBe(days)
})

describe('release health', () => {
  const health = async () =>
    await busy.sql`SELECT *, extract(epoch FROM hour)::int AS hour FROM analytics.release_health ORDER BY release_health.hour`

  test('is of single sessions and sums together, by release, environment and hour', async () => {
    const at = (n: number, status: SessionUpdate['status'], did: string) => makeUpdate({ sid: sidOf(n), status, did })
    const updates = [
      at(1, 'ok', 'mia'),
      at(2, 'crashed', 'mia'),
      at(3, 'unhandled', 'ann'),
      at(4, 'exited', 'bob'),
      makeUpdate({ sid: sidOf(5), environment: 'production', startedAt: new Date(midnight + 2 * HOUR) }),
    ]
    const sums = [
      makeSums([
        { exited: 10, errored: 2, abnormal: 1, crashed: 2 },
        { did: 'eve', exited: 1, crashed: 1 },
      ]),
    ]
    await write(busy, { updates, sums })
    const place = { project_id: busy.projectId, project: 'shop', release: 'shop@1' }
    expect(await health()).toEqual([
      {
        ...place,
        environment: null,
        hour: (midnight + HOUR) / 1000,
        sessions: '21',
        errored: '8',
        unhandled: '1',
        abnormal: '1',
        crashed: '4',
        crash_free_sessions: 1 - 4 / 21,
        users: '4',
        crashed_users: '2',
        crash_free_users: 0.5,
      },
      {
        ...place,
        environment: 'production',
        hour: (midnight + 2 * HOUR) / 1000,
        sessions: '1',
        errored: '0',
        unhandled: '0',
        abnormal: '0',
        crashed: '0',
        crash_free_sessions: 1,
        users: '0',
        crashed_users: '0',
        crash_free_users: null,
      },
    ])
  })

  test('of sums adds up, each time they come', async () => {
    const sums = [makeSums([{ exited: 3, crashed: 1 }])]
    await write(busy, { sums })
    await write(busy, { sums })
    expect(await health()).toMatchObject([{ sessions: '8', crashed: '2', crash_free_sessions: 0.75 }])
  })

  test('shows the sessions without their users', async () => {
    await write(busy, { updates: [makeUpdate({ did: 'mia', environment: 'staging', status: 'exited', duration: 2 })] })
    expect(await busy.sql`SELECT *, extract(epoch FROM started_at)::int AS started_at FROM analytics.sessions`).toEqual(
      [
        {
          project_id: busy.projectId,
          project: 'shop',
          session_id: sidOf(1),
          started_at: (midnight + HOUR) / 1000,
          status: 'exited',
          errors: 0,
          duration: 2,
          abnormal_mechanism: null,
          release: 'shop@1',
          environment: 'staging',
          day: expect.anything(),
        },
      ],
    )
  })
})
