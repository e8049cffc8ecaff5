import { type Connection, connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import { addUsage, type Usage } from '@rumen/db/quota/add-usage'
import { parseProjectId } from '@rumen/protocol/project-id'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { createQuotas } from './quotas.ts'

const logger = createLogger({ role: 'test', level: 'silent' })
const SHOP = parseProjectId('1')
const BLOG = parseProjectId('2')
const NONE = { minute: null, hour: null, month: null }
/** A Thursday, half a minute before an hour ends. */
const START = Date.parse('2026-11-26T11:59:30Z')

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})

afterEach(() => {
  vi.useRealTimers()
})

/** What all gateways of a test share, in memory: the sums by period, and every statement sent. */
function makeShared() {
  const used = new Map<string, number>()
  const statements: (readonly Usage[])[] = []
  const failures: Error[] = []
  const keyOf = ({ project_id, period, starts_at }: Usage) => `${project_id} ${period} ${starts_at.toISOString()}`
  return {
    used,
    statements,
    /** The next so many statements reject. */
    fail: (times: number) => failures.push(...Array.from({ length: times }, () => new Error('away'))),
    sync: async (counts: readonly Usage[]) => {
      statements.push(counts)
      const failure = failures.pop()
      if (failure) throw failure
      for (const count of counts) used.set(keyOf(count), (used.get(keyOf(count)) ?? 0) + count.used)
      return counts.map((count) => ({ ...count, used: used.get(keyOf(count)) ?? 0 }))
    },
  }
}

/** One gateway's quotas with a clock of the test's own; `second` lets its timer fire, and what it sends be answered. */
function makeQuotas(sync: (counts: readonly Usage[]) => Promise<readonly Usage[]> = makeShared().sync) {
  let nowMs = START
  const quotas = createQuotas({ sync, logger, now: () => nowMs })
  const second = async () => {
    nowMs += 1000
    await vi.advanceTimersByTimeAsync(1000)
  }
  const send = (owner: Parameters<typeof quotas.check>[0], requests: number) => {
    let accepted = 0
    for (let n = 0; n < requests; n++) {
      if (quotas.check(owner) !== null) continue
      quotas.count(owner)
      accepted++
    }
    return accepted
  }
  return { ...quotas, send, second, pass: (ms: number) => (nowMs += ms) }
}

describe.for([
  ['minute', 30, 30],
  ['hour', 30, 30],
  ['month', 300, 4 * 86_400],
] as const)('a quota per %s', ([period, retryAfterSecs, secondsLeft]) => {
  const owner = { projectId: SHOP, quotas: { ...NONE, [period]: 5 } }

  test('admits as many, and says then which it was and when to come again', () => {
    const { send, check } = makeQuotas()
    expect(send(owner, 100)).toBe(5)
    expect(check(owner)).toEqual({
      reason: `quota_${period}`,
      scope: 'project',
      retryAfterSecs,
      detail: `the project has used up its quota of 5 events a ${period} (quota_per_${period})`,
    })
  })

  test('begins anew with the next one, in UTC', () => {
    const { send, pass } = makeQuotas()
    expect(send(owner, 100)).toBe(5)
    pass(secondsLeft * 1000 - 1)
    expect(send(owner, 100)).toBe(0)
    pass(4 * 3_600_000 * 3 + 31_000)
    expect(send(owner, 100)).toBe(5)
  })
})

test('the longest of the quotas that are used up is the one that is told', () => {
  const { send, check } = makeQuotas()
  const owner = { projectId: SHOP, quotas: { minute: 5, hour: 5, month: 5 } }
  expect(send(owner, 100)).toBe(5)
  expect(check(owner)?.reason).toBe('quota_month')
})

test('a quota of 0 admits nothing', () => {
  expect(makeQuotas().send({ projectId: SHOP, quotas: { ...NONE, hour: 0 } }, 10)).toBe(0)
})

test('what was only asked about is not used', () => {
  const { check, send } = makeQuotas()
  const owner = { projectId: SHOP, quotas: { ...NONE, hour: 5 } }
  for (let n = 0; n < 100; n++) check(owner)
  expect(send(owner, 100)).toBe(5)
})

test('one project does not use another’s quota', () => {
  const { send } = makeQuotas()
  send({ projectId: SHOP, quotas: { ...NONE, hour: 5 } }, 100)
  expect(send({ projectId: BLOG, quotas: { ...NONE, hour: 5 } }, 100)).toBe(5)
})

describe('the statement', () => {
  const owner = { projectId: SHOP, quotas: { ...NONE, hour: 1000, month: 9000 } }

  test('is never sent where no project has quotas', async () => {
    const shared = makeShared()
    const { send, second } = makeQuotas(shared.sync)
    send({ projectId: SHOP, quotas: NONE }, 1000)
    await second()
    expect(shared.statements).toEqual([])
  })

  test('is one a second, whatever came in it', async () => {
    const shared = makeShared()
    const { send, second } = makeQuotas(shared.sync)
    for (let seconds = 0; seconds < 3; seconds++) {
      send(owner, 100)
      send({ ...owner, projectId: BLOG }, 100)
      await second()
    }
    expect(shared.statements.map((counts) => counts.map(({ used }) => used))).toEqual(
      Array(3).fill([100, 100, 100, 100]),
    )
  })

  test('is not sent for projects that are quiet', async () => {
    const shared = makeShared()
    const { send, second } = makeQuotas(shared.sync)
    send(owner, 1)
    for (let seconds = 0; seconds < 10; seconds++) await second()
    expect(shared.statements).toHaveLength(1)
  })

  test('is one at a time, however slow the database', async () => {
    const answer = Promise.withResolvers<readonly Usage[]>()
    const sync = vi.fn((_counts: readonly Usage[]) => answer.promise)
    const { send, second } = makeQuotas(sync)
    for (let seconds = 0; seconds < 5; seconds++) {
      send(owner, 1)
      await second()
    }
    expect(sync).toHaveBeenCalledTimes(1)
    answer.resolve([])
    await second()
    expect(sync).toHaveBeenCalledTimes(2)
  })

  test('says in the old period what was counted in it, and only there', async () => {
    const shared = makeShared()
    const { send, second, pass } = makeQuotas(shared.sync)
    const perMinute = { projectId: SHOP, quotas: { ...NONE, minute: 100 } }
    send(perMinute, 7)
    pass(40_000)
    send(perMinute, 3)
    await second()
    expect([...shared.used]).toEqual([
      ['1 minute 2026-11-26T11:59:00.000Z', 7],
      ['1 minute 2026-11-26T12:00:00.000Z', 3],
    ])
  })
})

describe('two gateways', () => {
  const owner = { projectId: SHOP, quotas: { ...NONE, hour: 100 } }

  test('share one quota', async () => {
    const shared = makeShared()
    const [one, two] = [makeQuotas(shared.sync), makeQuotas(shared.sync)]
    expect(one.send(owner, 60)).toBe(60)
    await one.second()
    // It has never heard of this project, and admits it until it has asked.
    expect(two.send(owner, 1)).toBe(1)
    await two.second()
    expect(two.send(owner, 1000)).toBe(39)
    await two.second()
    expect(one.check(owner)).toBeNull()
    await one.second()
    expect(one.check(owner)).toMatchObject({ reason: 'quota_hour' })
  })
})

describe('while the database is away', () => {
  const owner = { projectId: SHOP, quotas: { ...NONE, hour: 100 } }

  test('a gateway goes on by what it knows and counts, and tells it when the database is back, once', async () => {
    const shared = makeShared()
    const { send, second } = makeQuotas(shared.sync)
    send(owner, 30)
    await second()
    shared.fail(3)
    let accepted = 30
    for (let seconds = 0; seconds < 3; seconds++) {
      accepted += send(owner, 30)
      await second()
    }
    expect(accepted).toBe(100)
    await second()
    await second()
    expect([...shared.used.values()]).toEqual([100])
  })

  test('what was counted in a period that ended meanwhile is not lost', async () => {
    const shared = makeShared()
    const { send, second, pass } = makeQuotas(shared.sync)
    shared.fail(1)
    send(owner, 30)
    await second()
    pass(3_600_000)
    send(owner, 5)
    await second()
    expect([...shared.used.values()].toSorted()).toEqual([30, 5])
  })
})

describe('a gateway that stops', () => {
  const owner = { projectId: SHOP, quotas: { ...NONE, hour: 100 } }

  test('has told everything it counted, also what came while a statement was under way', async () => {
    const answers: (() => void)[] = []
    const told: number[] = []
    const sync = async (counts: readonly Usage[]) => {
      told.push(...counts.map(({ used }) => used))
      await new Promise<void>((resolve) => answers.push(resolve))
      return []
    }
    const { send, second, stop } = makeQuotas(sync)
    send(owner, 12)
    await second()
    send(owner, 5)
    let hasStopped = false
    const stopping = stop().then(() => {
      hasStopped = true
    })
    for (const nth of [0, 1]) {
      await vi.waitUntil(() => answers[nth])
      expect(hasStopped).toBe(false)
      answers[nth]?.()
    }
    await stopping
    expect(told).toEqual([12, 5])
  })

  test('waits two seconds for a database that does not answer, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval'] })
    const { send, stop } = makeQuotas(() => new Promise(() => {}))
    send(owner, 12)
    const stopping = stop()
    await vi.advanceTimersByTimeAsync(2000)
    await stopping
  })
})

describe('on a real database', () => {
  let database: OwnDatabase
  let connection: Connection

  beforeAll(async () => {
    database = await ownDatabase()
    connection = connect(database.url, { poolSize: 2, name: 'test' })
  })

  afterAll(async () => {
    await connection.close()
    await database.drop()
  })

  test('two gateways admit no more than the quota and what two seconds bring, and count all they admitted', async () => {
    const { id } = await createProject(connection.db, { name: 'Test' })
    const QUOTA = 1000
    const PER_SECOND = 70
    const owner = { projectId: id, quotas: { ...NONE, month: QUOTA } }
    const statements: Promise<unknown>[] = []
    const sync = (counts: readonly Usage[]) => {
      const sums = addUsage(connection.db, counts)
      statements.push(sums)
      return sums
    }
    const gateways = [createQuotas({ sync, logger }), createQuotas({ sync, logger })]
    let accepted = 0
    for (let seconds = 1; seconds <= 20; seconds++) {
      for (const { check, count } of gateways) {
        for (let n = 0; n < PER_SECOND; n++) {
          if (check(owner) !== null) continue
          count(owner)
          accepted++
        }
      }
      vi.advanceTimersByTime(1000)
      await Promise.all(statements)
    }
    expect(statements).toHaveLength(40)
    expect(accepted).toBeGreaterThanOrEqual(QUOTA)
    expect(accepted).toBeLessThanOrEqual(QUOTA + 2 * PER_SECOND * gateways.length)
    const [usage] = await connection.sql`SELECT used::int FROM quota_usage WHERE project_id = ${id}`
    expect(usage).toEqual({ used: accepted })
    await Promise.all(gateways.map(({ stop }) => stop()))
  })
})
