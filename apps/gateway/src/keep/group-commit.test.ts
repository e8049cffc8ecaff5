import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { openFlushClient } from '@rumen/db/archive/open-flush-client'
import { type Connection, connect } from '@rumen/db/connect'
import { dayOf } from '@rumen/db/partition/day'
import { partitionName } from '@rumen/db/partition/partitioned-tables'
import { parseProjectId } from '@rumen/protocol/project-id'
import { type Sender, startSender } from '@rumen/queue/start-sender'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeReceipt as makeReceiptOf } from '../../fixtures/make-receipt.ts'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { ConnectionLostError } from './commit-batch.ts'
import { createFlush, type Flush, type Receipt } from './flush.ts'
import {
  type GroupCommit,
  type GroupCommitOptions,
  OverloadedError,
  StuckError,
  startGroupCommit,
} from './group-commit.ts'

const logger = createLogger({ role: 'test', level: 'silent' })
const FLUSH_SESSIONS = 'rumen gateway flush'

let database: OwnDatabase
let connection: Connection
let sql: Connection['sql']
let sender: Sender
let flush: Flush
/** Rows of each attempt to flush, failed ones too. */
let attempts: number[]
const started: GroupCommit[] = []

beforeAll(async () => {
  database = await ownDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  ;({ sql } = connection)
  sender = await startSender(database.url, () => undefined)
  const realFlush = createFlush(sender)
  flush = async (client, receipts) => {
    attempts.push(receipts.length)
    return await realFlush(client, receipts)
  }
})

beforeEach(() => {
  attempts = []
})

afterEach(async () => {
  for (const groupCommit of started.splice(0)) await groupCommit.stop()
  await sql`TRUNCATE archive`
  await sql`DELETE FROM pgboss.job`
})

afterAll(async () => {
  await sender.stop()
  await connection.close()
  await database.drop()
})

async function start(options: Partial<GroupCommitOptions> = {}): Promise<GroupCommit> {
  const open: GroupCommitOptions['open'] = (onError) => openFlushClient(database.url, onError)
  const groupCommit = startGroupCommit({ flush, open, logger, slowMs: 60_000, ...options })
  started.push(groupCommit)
  await groupCommit.ready()
  return groupCommit
}

let receipts = 0

function makeReceipt(given: Partial<ArchiveRow> = {}): Receipt {
  return makeReceiptOf(given.body ?? `body ${++receipts}`, given)
}

function makeReceipts(count: number, given: Partial<ArchiveRow> = {}): Receipt[] {
  return Array.from({ length: count }, () => makeReceipt(given))
}

/** Archives and jobs there are, for anybody to see. */
async function kept(): Promise<{ archives: number; jobs: number }> {
  const [counts] = await sql<[{ archives: number; jobs: number }]>`
    SELECT (SELECT count(*)::int FROM archive) AS archives,
      (SELECT count(*)::int FROM pgboss.job WHERE name = 'digest') AS jobs`
  return counts
}

/** Keeps every flush waiting at its first insert until released. */
async function holdArchive(): Promise<() => Promise<void>> {
  const session = await sql.reserve()
  await session`BEGIN`
  await session`LOCK TABLE archive IN SHARE MODE`
  return async () => {
    await session`ROLLBACK`
    session.release()
  }
}

async function cutLanes(): Promise<void> {
  await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = ${FLUSH_SESSIONS}`
}

async function waitingLanes(): Promise<number> {
  const rows = await sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = ${FLUSH_SESSIONS} AND wait_event_type = 'Lock'`
  return rows.length
}

/** Asks until `check` no longer throws. */
async function eventually(check: () => unknown): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 10 })
}

async function outcomes(commits: readonly Promise<unknown>[]): Promise<string[]> {
  return (await Promise.allSettled(commits)).map(({ status }) => status)
}

describe('a batch', () => {
  test('is what gathered meanwhile: no more than the bounds, and one that is too large travels alone', async () => {
    const groupCommit = await start({ lanesCount: 1, batchRowsMax: 10, batchBytesMax: 1000 })
    await Promise.all(makeReceipts(35).map((receipt) => groupCommit.commit(receipt)))
    expect(attempts).toEqual([10, 10, 10, 5])
    attempts = []
    const bodies = [400, 400, 400, 5000, 400].map((bytes, n) => Buffer.alloc(bytes, n))
    await Promise.all(bodies.map((body) => groupCommit.commit(makeReceipt({ body }))))
    expect(attempts).toEqual([2, 1, 1, 1])
    expect(await kept()).toEqual({ archives: 40, jobs: 40 })
  })

  test('with the same bytes twice keeps one archive and one job, and answers both', async () => {
    const [one, two] = [await start(), await start()]
    const body = Buffer.from('the same')
    const commits = Array.from({ length: 20 }, (_, n) => (n % 2 ? one : two).commit(makeReceipt({ body })))
    const ends = await Promise.all([...commits, one.commit(makeReceipt({ body, projectId: parseProjectId('2') }))])
    expect(await kept()).toEqual({ archives: 2, jobs: 2 })
    expect(
      ends.filter((end) => end === 'archived'),
      'the others were seen again',
    ).toHaveLength(2)
  })

  test('that meets the rows of another gateway in another order does not deadlock with it', async () => {
    const [one, two] = [await start(), await start()]
    for (let rounds = 0; rounds < 10; rounds++) {
      const shared = makeReceipts(200)
      await Promise.all([
        ...shared.map((receipt) => one.commit(receipt)),
        ...shared.toReversed().map((receipt) => two.commit(receipt)),
      ])
    }
    expect(await kept()).toEqual({ archives: 2000, jobs: 2000 })
    // A deadlock is tried again and ends well: more attempts would betray it.
    expect(attempts).toHaveLength(20)
  })
})

describe('a row that PostgreSQL refuses', () => {
  test.for([
    { what: 'an address that is none', given: { clientIp: 'nowhere' } },
    { what: 'a NUL in a text', given: { userAgent: 'a\u0000b' } },
    { what: 'a day without a partition', given: { day: '1999-12-31' } },
  ])('fails alone among two hundred: $what', async ({ given }) => {
    const groupCommit = await start({ lanesCount: 1 })
    const all = [...makeReceipts(120), makeReceipt(given), ...makeReceipts(79)]
    const ends = await outcomes(all.map((receipt) => groupCommit.commit(receipt)))
    expect(attempts[0]).toBe(200)
    expect(ends.filter((end) => end === 'rejected')).toHaveLength(1)
    expect(ends[120]).toBe('rejected')
    expect(await kept()).toEqual({ archives: 199, jobs: 199 })
    // Halving: two more for each time it was cut in two, not one for each row.
    expect(attempts.length).toBeLessThanOrEqual(1 + 2 * 8)
  })
})

describe('archives and jobs', () => {
  test('are both there or neither: a queue that takes no job takes the archive back', async () => {
    const groupCommit = await start()
    await sql`CREATE TABLE queue_away AS SELECT * FROM pgboss.queue WHERE name = 'digest'`
    await sql`DELETE FROM pgboss.queue WHERE name = 'digest'`
    expect(await outcomes(makeReceipts(3).map((receipt) => groupCommit.commit(receipt)))).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ])
    expect(await kept()).toEqual({ archives: 0, jobs: 0 })
    await sql`INSERT INTO pgboss.queue SELECT * FROM queue_away`
    await groupCommit.commit(makeReceipt())
    expect(await kept()).toEqual({ archives: 1, jobs: 1 })
  })
})

describe('COMMIT', () => {
  const partition = partitionName('archive', dayOf(new Date()))

  /** Runs at COMMIT, for each row. */
  async function atCommit(body: string): Promise<() => Promise<void>> {
    await sql.unsafe(`
      CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON ${partition}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()`)
    return async () => {
      await sql.unsafe('DROP FUNCTION at_commit() CASCADE')
    }
  }

  test('comes before the answer: whoever was answered can be seen from elsewhere', async () => {
    const groupCommit = await start()
    const remove = await atCommit('PERFORM pg_sleep(0.3);')
    let isAnswered = false
    const committed = groupCommit.commit(makeReceipt()).then(() => {
      isAnswered = true
    })
    await eventually(async () => {
      const committing = await sql`
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = ${FLUSH_SESSIONS} AND wait_event = 'PgSleep'`
      expect(committing).toHaveLength(1)
    })
    expect(isAnswered).toBe(false)
    expect(await kept()).toEqual({ archives: 0, jobs: 0 })
    await committed
    expect(await kept()).toEqual({ archives: 1, jobs: 1 })
    await remove()
  })

  test('that fails is no answer, and costs only the row it failed for', async () => {
    const groupCommit = await start()
    const remove = await atCommit(`IF NEW.user_agent = 'late fault' THEN RAISE EXCEPTION 'no'; END IF;`)
    const all = [...makeReceipts(4), makeReceipt({ userAgent: 'late fault' }), ...makeReceipts(3)]
    const ends = await outcomes(all.map((receipt) => groupCommit.commit(receipt)))
    expect(ends.map((end, at) => (end === 'rejected' ? at : -1)).filter((at) => at >= 0)).toEqual([4])
    expect(await kept()).toEqual({ archives: 7, jobs: 7 })
    await remove()
  })
})

describe('what waits', () => {
  test('is bounded in bytes: more is refused at once, and what was taken is committed', async () => {
    const groupCommit = await start({ pendingBytesMax: 1000 })
    const release = await holdArchive()
    const body = (n: number, bytes = 600) => makeReceipt({ body: Buffer.alloc(bytes, n) })
    // Two lanes take one each, as they come.
    const first = groupCommit.commit(body(1))
    await eventually(async () => expect(await waitingLanes()).toBe(1))
    const second = groupCommit.commit(body(2))
    await eventually(async () => expect(await waitingLanes()).toBe(2))
    const third = groupCommit.commit(body(3))
    await expect(groupCommit.commit(body(4))).rejects.toThrow(OverloadedError)
    const small = groupCommit.commit(body(5, 400))
    await release()
    await Promise.all([first, second, third, small])
    // Larger than all that may wait, but nothing does.
    await groupCommit.commit(body(6, 5000))
    expect(await kept()).toEqual({ archives: 5, jobs: 5 })
  })

  test('is committed before the group commit is stopped', async () => {
    const groupCommit = await start()
    const release = await holdArchive()
    const commits = makeReceipts(5).map((receipt) => groupCommit.commit(receipt))
    let isStopped = false
    const stopping = groupCommit.stop().then(() => {
      isStopped = true
    })
    await eventually(async () => expect(await waitingLanes()).toBe(1))
    expect(isStopped).toBe(false)
    await release()
    await Promise.all([...commits, stopping])
    expect(await kept()).toEqual({ archives: 5, jobs: 5 })
    started.splice(0)
    await eventually(async () => {
      const left = await sql`
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = ${FLUSH_SESSIONS}`
      expect(left).toHaveLength(0)
    })
  })
})

describe('a connection', () => {
  test('that was cut while idle is replaced', async () => {
    const groupCommit = await start()
    await cutLanes()
    await eventually(() => groupCommit.commit(makeReceipt()))
    expect(await kept()).toEqual({ archives: 1, jobs: 1 })
  })

  test('that was cut under a batch fails the batch, leaves nothing of it, and is replaced', async () => {
    const groupCommit = await start({ lanesCount: 1 })
    const release = await holdArchive()
    const commits = makeReceipts(3).map((receipt) => groupCommit.commit(receipt))
    await eventually(async () => expect(await waitingLanes()).toBe(1))
    await cutLanes()
    expect(await outcomes(commits)).toEqual(['rejected', 'rejected', 'rejected'])
    await release()
    expect(await kept()).toEqual({ archives: 0, jobs: 0 })
    await eventually(() => expect(groupCommit.isReady()).toBe(true))
    await groupCommit.commit(makeReceipt())
  })

  test('that comes back takes what gathered meanwhile, although the other one is still busy', async () => {
    const groupCommit = await start()
    // Somebody else is about to insert the same bytes: whoever comes second waits for what becomes of that.
    const contested = makeReceipt()
    const { day, hash: bytes } = contested.archive
    const session = await sql.reserve()
    await session`BEGIN`
    await session`
      INSERT INTO archive (project_id, day, hash, received_at, endpoint, encoding, wire_bytes)
      VALUES (1, ${day}, ${bytes}, now(), 'store', 'gzip', 1)`
    const busy = groupCommit.commit(contested)
    await eventually(async () => expect(await waitingLanes()).toBe(1))
    await sql`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = ${FLUSH_SESSIONS} AND wait_event_type <> 'Lock'`
    // Some of them come while there is only the busy lane.
    await Promise.all(
      makeReceipts(5)
        .map((receipt) => groupCommit.commit(receipt))
        .map((commit) => commit.catch(() => undefined)),
    )
    await eventually(() => groupCommit.commit(makeReceipt()))
    expect(await waitingLanes()).toBe(1)
    await session`ROLLBACK`
    session.release()
    await busy
  })

  test('that cannot be had refuses at once what would wait for it, and is asked for until it is there', async () => {
    let isAway = false
    const groupCommit = await start({
      lanesCount: 1,
      open: async (onError) => {
        if (isAway) throw new Error('nobody answers')
        return await openFlushClient(database.url, onError)
      },
    })
    isAway = true
    await cutLanes()
    await eventually(() => expect(groupCommit.isReady()).toBe(false))
    await expect(groupCommit.commit(makeReceipt())).rejects.toThrow(ConnectionLostError)
    isAway = false
    await eventually(() => expect(groupCommit.isReady()).toBe(true))
    await groupCommit.commit(makeReceipt())
  })
})

describe('a flush that does not end', () => {
  test('is told to whoever waits for it, and how it ends afterwards, too', async () => {
    const groupCommit = await start({ lanesCount: 1, slowMs: 50 })
    const release = await holdArchive()
    const slow = Promise.withResolvers<void>()
    const committed = groupCommit.commit(makeReceipt(), slow.resolve)
    await slow.promise
    expect(groupCommit.isReady()).toBe(false)
    await release()
    expect(await committed).toBe('archived')
    await eventually(() => expect(groupCommit.isReady()).toBe(true))
  })

  test('on every lane refuses what would wait behind it', async () => {
    const groupCommit = await start({ lanesCount: 1, slowMs: 50, refuseWhenStuck: true })
    const release = await holdArchive()
    const first = groupCommit.commit(makeReceipt())
    await eventually(async () => expect(await waitingLanes()).toBe(1))
    await expect(groupCommit.commit(makeReceipt())).rejects.toThrow(StuckError)
    await release()
    expect(await first).toBe('archived')
  })
})

test('a flush that failed for a reason that passes is tried again as it was', async () => {
  const groupCommit = await start({
    lanesCount: 1,
    open: async (onError) => {
      const client = await openFlushClient(database.url, onError)
      await client.query(`SET lock_timeout = '200ms'`)
      return client
    },
  })
  const release = await holdArchive()
  const commits = makeReceipts(4).map((receipt) => groupCommit.commit(receipt))
  await eventually(() => expect(attempts.length).toBeGreaterThan(1))
  await release()
  await Promise.all(commits)
  expect(new Set(attempts)).toEqual(new Set([4]))
  expect(await kept()).toEqual({ archives: 4, jobs: 4 })
})
