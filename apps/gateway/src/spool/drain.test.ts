import { setImmediate as anotherTurn } from 'node:timers/promises'
import type { KeyOwner } from '@rumen/db/project/find-key'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, makeRecord, makeUnverifiedRecord } from '../../fixtures/make-record.ts'
import { makeSpools, type Spools, silent } from '../../fixtures/spools.ts'
import type { Receipt } from '../keep/flush.ts'
import { type Drain, type DrainedRecord, type DrainOptions, startDrain } from './drain.ts'
import type { Spool } from './spool.ts'

const RIGHT_KEY = 'a'.repeat(32)
const WRONG_KEY = 'b'.repeat(32)
const OWNER: KeyOwner = {
  projectId: parseProjectId('1'),
  priority: 7,
  projectRatePerSec: null,
  keyRatePerSec: null,
  quotas: { minute: null, hour: null, month: null },
}

let spools: Spools
let spool: Spool
const drains: Drain[] = []
/** What the database took, in its order. */
let committed: Receipt[]
let drained: DrainedRecord[]

beforeEach(async () => {
  spools = await makeSpools()
  spool = await spools.open()
  committed = []
  drained = []
})

afterEach(async () => {
  for (const drain of drains.splice(0)) await drain.stop()
  await spools.remove()
})

function start(options: Partial<DrainOptions> = {}): Drain {
  const drain = startDrain({
    spool,
    async commit(receipts) {
      committed.push(...receipts)
      return receipts.map(() => 'archived')
    },
    verify: async (publicKey) => (publicKey === RIGHT_KEY ? OWNER : null),
    findGone: async () => new Set(),
    onDrained: (records) => drained.push(...records),
    logger: silent,
    ...options,
  })
  drains.push(drain)
  return drain
}

async function appendAll(count: number): Promise<string[]> {
  const bodies = Array.from({ length: count }, (_, at) => `${at}`)
  await Promise.all(bodies.map((body) => spool.append(makeRecord(body))))
  return bodies
}

async function idle(drain: Drain): Promise<void> {
  await vi.waitFor(() => expect(drain.isIdle()).toBe(true), { timeout: 10_000, interval: 5 })
}

function bodies(): string[] {
  return committed.map((receipt) => receipt.archive.body.toString())
}

describe('the drain', () => {
  test('brings everything into the database, oldest first, and then rests', async () => {
    const written = await appendAll(450)
    await idle(start())
    expect(bodies()).toEqual(written)
    expect(spool.state()).toMatchObject({ bytes: 0, segments: 0 })
    expect(drained.map(({ record, outcome }) => [bodyOf(record), outcome])).toEqual(
      written.map((body) => [body, 'archived']),
    )
  })

  test('goes on when it is woken', async () => {
    const drain = start()
    await idle(drain)
    await spool.append(makeRecord('new'))
    expect(drain.isIdle()).toBe(true)
    drain.wake()
    expect(drain.isIdle()).toBe(false)
    await idle(drain)
    expect(bodies()).toEqual(['new'])
  })

  test('does not miss what it is woken for while it is about to rest', async () => {
    const drain = start()
    for (let at = 0; at < 50; at++) {
      await spool.append(makeRecord(`${at}`))
      drain.wake()
    }
    await idle(drain)
    expect(committed).toHaveLength(50)
  })

  test('holds one batch at a time', async () => {
    await appendAll(450)
    let [underWay, most] = [0, 0]
    await idle(
      start({
        async commit(receipts) {
          most = Math.max(most, ++underWay)
          await spool.refresh()
          underWay--
          return receipts.map(() => 'seen_again')
        },
      }),
    )
    expect(most).toBe(1)
    expect(new Set(drained.map(({ outcome }) => outcome))).toEqual(new Set(['seen_again']))
  })

  test('tries a batch the database does not take again, and loses nothing', async () => {
    const written = await appendAll(3)
    let attempts = 0
    const drain = start({
      async commit(receipts) {
        if (++attempts < 3) throw new Error('no connection')
        committed.push(...receipts)
        return receipts.map(() => 'archived')
      },
    })
    await vi.waitFor(() => expect(attempts).toBe(1))
    expect(drain.isIdle()).toBe(false)
    expect(spool.state()).toMatchObject({ records: 3 })
    await idle(drain)
    expect(attempts).toBe(3)
    expect(bodies()).toEqual(written)
  })

  test('waits longer after each failure, whoever wakes it meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await appendAll(1)
      const commit = vi.fn().mockRejectedValue(new Error('no connection'))
      const drain = start({ commit })
      for (const [failures, pauseMs] of [100, 200, 400, 800, 1_600, 2_000, 2_000].entries()) {
        while (commit.mock.calls.length <= failures || vi.getTimerCount() === 0) await anotherTurn()
        drain.wake()
        vi.advanceTimersByTime(pauseMs - 1)
        expect(vi.getTimerCount(), `after ${failures + 1} failures`).toBe(1)
        vi.advanceTimersByTime(1)
        expect(vi.getTimerCount()).toBe(0)
      }
    } finally {
      vi.useRealTimers()
    }
  })

  test('keeps aside what the database refuses for good, and goes on', async () => {
    await appendAll(3)
    await idle(
      start({
        commit: async (receipts) => receipts.map(({ archive }) => (`${archive.body}` === '1' ? 'refused' : 'archived')),
      }),
    )
    expect(drained.map(({ outcome }) => outcome)).toEqual(['archived', 'refused', 'archived'])
    expect(spool.state()).toMatchObject({ segments: 0 })
    expect(spool.state().keptAsideBytes).toBeGreaterThan(0)
  })

  test('tells how each record was kept', async () => {
    await spool.append(makeRecord('twice'))
    await idle(start({ commit: async () => ['seen_again'] }))
    expect(drained).toMatchObject([{ outcome: 'seen_again' }])
  })
})

describe('a sender nobody could be asked about', () => {
  test('is taken with the priority of its project when its key turns out right, else dropped and told', async () => {
    await spool.append(makeUnverifiedRecord('right', RIGHT_KEY))
    await spool.append(makeUnverifiedRecord('wrong', WRONG_KEY))
    await idle(start())
    expect(committed).toEqual([expect.objectContaining({ priority: 7 })])
    expect(bodies()).toEqual(['right'])
    expect(drained.map(({ record, outcome }) => [bodyOf(record), outcome])).toEqual([
      ['right', 'archived'],
      ['wrong', 'unknown_key'],
    ])
    expect(spool.state()).toMatchObject({ bytes: 0, unverifiedBytes: 0, keptAsideBytes: 0 })
  })

  test('is asked about once in a batch', async () => {
    for (const key of [RIGHT_KEY, WRONG_KEY, RIGHT_KEY, WRONG_KEY]) await spool.append(makeUnverifiedRecord('x', key))
    const verify = vi.fn(async () => null)
    await idle(start({ verify }))
    expect(verify).toHaveBeenCalledTimes(2)
  })

  test('waits while the database still cannot be asked, and is not taken for a wrong one', async () => {
    await spool.append(makeUnverifiedRecord('right', RIGHT_KEY))
    let attempts = 0
    const drain = start({
      async verify() {
        if (++attempts === 1) throw new Error('no connection')
        return OWNER
      },
    })
    await vi.waitFor(() => expect(attempts).toBe(1))
    expect([committed, drained]).toEqual([[], []])
    await idle(drain)
    expect(bodies()).toEqual(['right'])
  })
})

test('what waits for a project that is being deleted is dropped and told, whoever vouched for its key', async () => {
  await appendAll(2)
  await spool.append(makeUnverifiedRecord('right', RIGHT_KEY))
  await idle(start({ findGone: async (projectIds) => new Set(projectIds) }))
  expect(committed).toEqual([])
  expect(drained.map(({ outcome }) => outcome)).toEqual(['unknown_key', 'unknown_key', 'unknown_key'])
  expect(spool.state()).toMatchObject({ bytes: 0, keptAsideBytes: 0 })
})

describe('stopping', () => {
  test('finishes the batch in hand and no other', async () => {
    await appendAll(450)
    const held = Promise.withResolvers<void>()
    const commit = vi.fn(async (receipts: readonly Receipt[]) => {
      await held.promise
      return receipts.map(() => 'archived' as const)
    })
    const drain = start({ commit })
    await vi.waitFor(() => expect(commit).toHaveBeenCalledTimes(1))
    const stopped = drain.stop()
    held.resolve()
    await stopped
    expect(commit).toHaveBeenCalledTimes(1)
    expect(drained).toHaveLength(200)
  })

  test('does not wait for the end of a pause', async () => {
    await appendAll(1)
    const commit = vi.fn().mockRejectedValue(new Error('no connection'))
    const drain = start({ commit })
    await vi.waitFor(() => expect(commit.mock.calls.length).toBeGreaterThanOrEqual(4), { timeout: 5_000, interval: 5 })
    const before = performance.now()
    await drain.stop()
    expect(performance.now() - before).toBeLessThan(500)
    drain.wake()
    expect(drain.isIdle()).toBe(true)
  })
})
