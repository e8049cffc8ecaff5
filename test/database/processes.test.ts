import { randomUUID } from 'node:crypto'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { beat, type ProcessIdentity, type ProcessState } from '@rumen/db/process/beat'
import { leave } from '@rumen/db/process/leave'
import { readProcesses } from '@rumen/db/process/read-processes'
import { takePlace } from '@rumen/db/process/take-place'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { hold } from '../faults/hold.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitingForLocks } from './waiting-for-locks.ts'

let database: DatabaseClone
let connection: Connection
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  db = connection.db
})

afterEach(() => connection.sql`DELETE FROM process`)

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function identify(given: Partial<ProcessIdentity> = {}): ProcessIdentity {
  const startedAt = new Date('2026-11-26T12:00:00Z')
  return { id: randomUUID(), role: 'worker', host: 'machine', pid: 7, version: '1.2.3', startedAt, ...given }
}

const STATE: ProcessState = {
  busyMs: null,
  lookedMs: 200,
  accepted: 0,
  digested: 40,
  perSecond: 2.5,
  visibleMedianMs: 30,
  visibleSlowMs: 80,
  spool: null,
}

/** As if it had last been heard of so many seconds ago. */
async function silence(id: string, seconds: number): Promise<void> {
  await connection.sql`UPDATE process SET beat_at = now() - make_interval(secs => ${seconds}) WHERE id = ${id}`
}

const pids = async () => (await readProcesses(db)).map(({ pid }) => pid)

test('what a process says of itself is what the others read, in seconds by one clock', async () => {
  const worker = identify()
  const spool = { records: 3, bytes: 4_000_000_000, bytesMax: 8_000_000_000, keptAsideBytes: 1 }
  await beat(db, worker, { ...STATE, busyMs: 90_000, spool })
  const [seen] = await readProcesses(db)
  expect(seen).toMatchObject({
    ...{ role: 'worker', host: 'machine', pid: 7, version: '1.2.3', startedAt: worker.startedAt },
    ...{ accepted: 0, digested: 40, perSecond: 2.5, visibleMedianMs: 30, visibleSlowMs: 80, spool },
  })
  for (const [seconds, least] of [
    [seen?.busySeconds, 90],
    [seen?.lookedSeconds, 0.2],
    [seen?.silentSeconds, 0],
  ]) {
    expect(seconds).toBeGreaterThanOrEqual(least ?? 0)
    expect(seconds).toBeLessThan((least ?? 0) + 30)
  }
})

test('the next beat replaces it, the batch that is done included', async () => {
  const worker = identify()
  await beat(db, worker, { ...STATE, busyMs: 90_000 })
  await silence(worker.id, 40)
  await beat(db, worker, { ...STATE, digested: 50 })
  const seen = await readProcesses(db)
  expect(seen).toMatchObject([{ digested: 50, busySeconds: null }])
  expect(seen[0]?.silentSeconds).toBeLessThan(30)
})

test('who leaves is not there any more, and who was forgotten comes back with its next beat', async () => {
  const [stays, leaves] = [identify({ pid: 1 }), identify({ pid: 2 })]
  await beat(db, stays, STATE)
  await beat(db, leaves, STATE)
  await leave(db, leaves.id)
  expect(await pids()).toEqual([1])
  await silence(stays.id, 3_600)
  await beat(db, stays, STATE)
  expect((await readProcesses(db))[0]?.silentSeconds).toBeLessThan(30)
})

test('one that was silent for a quarter of an hour is forgotten, and not before', async () => {
  const [gone, silent, alive] = [identify({ pid: 1 }), identify({ pid: 2 }), identify({ pid: 3 })]
  for (const one of [gone, silent, alive]) await beat(db, one, STATE)
  await silence(gone.id, 901)
  await silence(silent.id, 880)
  await beat(db, alive, STATE)
  expect((await pids()).toSorted()).toEqual([2, 3])
})

describe('one that starts takes the place', () => {
  /** Of four that are silent: two of its kind that ended, one that only stands still, one of another role, one elsewhere. */
  async function leaveFive(): Promise<void> {
    const given = [{ pid: 1 }, { pid: 2 }, { pid: 3 }, { pid: 4, role: 'gateway' as const }, { pid: 5, host: 'other' }]
    for (const one of given) {
      const identity = identify(one)
      await beat(db, identity, STATE)
      await silence(identity.id, 100 - one.pid)
    }
  }
  const isGone = (pid: number) => pid !== 3

  test('of the one of its role and host that ended first, and of no other', async () => {
    await leaveFive()
    await takePlace(db, identify(), isGone)
    expect((await pids()).toSorted()).toEqual([2, 3, 4, 5])
    await takePlace(db, identify(), isGone)
    expect((await pids()).toSorted()).toEqual([3, 4, 5])
    await takePlace(db, identify(), isGone)
    expect((await pids()).toSorted()).toEqual([3, 4, 5])
  })

  test('and two at once take two', async () => {
    await leaveFive()
    const held = await hold(connection.sql, 'SELECT FROM process FOR UPDATE')
    const both = [takePlace(db, identify(), isGone), takePlace(db, identify(), isGone)]
    await waitFor('both to have chosen', async () => (await waitingForLocks(connection.sql)) === 2)
    await held.release()
    await Promise.all(both)
    expect((await pids()).toSorted()).toEqual([3, 4, 5])
  })
})
