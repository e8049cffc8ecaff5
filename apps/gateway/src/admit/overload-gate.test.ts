import type { Gauges } from '@rumen/db/gauge/read-gauges'
import { createLogger } from '@rumen/telemetry/logger'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createOverloadGate, type OverloadGateOptions, type Shed } from './overload-gate.ts'

const BYTES_MAX = 1000
const QUEUE_MAX = 500

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

function gaugesOf(waiting: number, ageSeconds = 1): Gauges {
  return { queue_waiting: { value: waiting, ageSeconds } }
}

function makeSpool({ hasRoom = true, isDiskLow = false }): NonNullable<OverloadGateOptions['spool']> {
  const state = {
    bytes: 0,
    bytesMax: 1,
    unverifiedBytes: 0,
    keptAsideBytes: 0,
    records: 0,
    segments: 0,
    oldestReceivedAt: null,
  }
  return { hasRoom: () => hasRoom, state: () => ({ ...state, isDiskLow }) }
}

/** A gate that sees nothing wrong but what the test says, after its first look. */
async function makeGate(wrong: Partial<OverloadGateOptions> = {}) {
  const gate = createOverloadGate({
    settings: { MAX_BYTES_IN_FLIGHT: BYTES_MAX, MAX_QUEUE_EVENTS: QUEUE_MAX },
    bytesInFlight: () => BYTES_MAX - 1,
    oldestPendingMs: () => 5000,
    isDatabaseReachable: () => true,
    spool: null,
    isLocalDatabase: true,
    readGauges: async () => gaugesOf(QUEUE_MAX - 1),
    logger: createLogger({ role: 'test', level: 'silent' }),
    ...wrong,
  })
  onTestFinished(gate.stop)
  await vi.advanceTimersByTimeAsync(0)
  return gate
}

function limited(reason: string, retryAfterSecs: number, setting: string): Shed {
  return {
    status: 429,
    limit: { reason, scope: 'organization', retryAfterSecs, detail: expect.stringContaining(setting) },
  } as Shed
}

test('just below all its limits nothing is turned away', async () => {
  expect((await makeGate()).check()).toBeNull()
})

test('as many bytes in flight as are allowed: 429, at once and no longer than that', async () => {
  let bytes = BYTES_MAX
  const { check } = await makeGate({ bytesInFlight: () => bytes })
  expect(check()).toEqual(limited('overload_bytes', 5, 'MAX_BYTES_IN_FLIGHT'))
  bytes--
  expect(check()).toBeNull()
})

describe('commits that take longer than five seconds', () => {
  const oldestPendingMs = () => 5001

  test.for([
    ['there is no spool', null],
    ['the spool is full', makeSpool({ hasRoom: false })],
  ] as const)('turn requests away while %s', async ([, spool]) => {
    const { check } = await makeGate({ oldestPendingMs, spool })
    expect(check()).toEqual(limited('overload_commit', 10, 'SPOOL_DIR'))
  })

  test('turn nothing away while the spool has room', async () => {
    const { check } = await makeGate({ oldestPendingMs, spool: makeSpool({}) })
    expect(check()).toBeNull()
  })

  test('are not the matter while the database cannot be reached: whoever keeps events answers that', async () => {
    const { check } = await makeGate({ oldestPendingMs, isDatabaseReachable: () => false })
    expect(check()).toBeNull()
  })
})

describe('a queue at its limit', () => {
  test('turns requests away', async () => {
    const { check } = await makeGate({ readGauges: async () => gaugesOf(QUEUE_MAX) })
    expect(check()).toEqual(limited('overload_queue', 30, 'MAX_QUEUE_EVENTS'))
  })

  test('turns nothing away where the limit is 0', async () => {
    const settings = { MAX_BYTES_IN_FLIGHT: BYTES_MAX, MAX_QUEUE_EVENTS: 0 }
    const { check } = await makeGate({ settings, readGauges: async () => gaugesOf(QUEUE_MAX) })
    expect(check()).toBeNull()
  })

  test.for([
    ['was measured a minute ago', async () => gaugesOf(QUEUE_MAX, 60)],
    ['was never measured', async () => ({})],
    ['cannot be read', () => Promise.reject(new Error('away'))],
  ] as const)('turns nothing away when it %s', async ([, readGauges]) => {
    const { check } = await makeGate({ readGauges })
    expect(check()).toBeNull()
  })

  test.for([
    ['cannot be read any more', true],
    ['is in a database that cannot be reached', false],
  ] as const)('is believed for a minute when it %s, and then no more', async ([, isReachable]) => {
    let isAway = false
    const readGauges = async () => {
      if (isAway && isReachable) throw new Error('away')
      return gaugesOf(QUEUE_MAX)
    }
    const { check } = await makeGate({ readGauges, isDatabaseReachable: () => !isAway || isReachable })
    isAway = true
    await vi.advanceTimersByTimeAsync(58_000)
    expect(check()).not.toBeNull()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(check()).toBeNull()
  })

  test('is looked at each second, by one look at a time', async () => {
    const answers: ((gauges: Gauges) => void)[] = []
    const { check } = await makeGate({ readGauges: () => new Promise((resolve) => answers.push(resolve)) })
    await vi.advanceTimersByTimeAsync(5_000)
    expect(answers).toHaveLength(1)
    answers[0]?.(gaugesOf(QUEUE_MAX))
    await vi.advanceTimersByTimeAsync(0)
    expect(check()).not.toBeNull()
    await vi.advanceTimersByTimeAsync(1_000)
    answers[1]?.(gaugesOf(0))
    await vi.advanceTimersByTimeAsync(0)
    expect(check()).toBeNull()
  })
})

describe('a disk that is nearly full', () => {
  const spool = makeSpool({ hasRoom: false, isDiskLow: true })

  test('is 503 where the database fills it too: nothing durable may be written', async () => {
    const { check } = await makeGate({ spool })
    expect(check()).toEqual({ status: 503 })
  })

  test('is the spool’s own matter where the database is elsewhere', async () => {
    const { check } = await makeGate({ spool, isLocalDatabase: false })
    expect(check()).toBeNull()
  })
})

describe('a long queue', () => {
  /** The warnings that are logged while the queue is as given, second for second. */
  async function warningsOf(queue: Gauges, seconds: number): Promise<unknown[]> {
    const logger = createLogger({ role: 'test', level: 'silent' })
    const warn = vi.spyOn(logger, 'warn')
    await makeGate({ logger, readGauges: async () => queue })
    for (let second = 0; second < seconds; second++) await vi.advanceTimersByTimeAsync(1_000)
    return warn.mock.calls.map(([fields]) => fields)
  }
  const long = (waiting: number, oldest: number, ageSeconds = 1): Gauges => ({
    queue_waiting: { value: waiting, ageSeconds },
    queue_oldest_seconds: { value: oldest, ageSeconds },
  })

  test.for([
    ['by its depth', 100_001, 0],
    ['by its age', 0, 301],
  ] as const)('is said in the log %s, at most once a minute', async ([, waiting, oldestSeconds]) => {
    const warnings = await warningsOf(long(waiting, oldestSeconds), 119)
    expect(warnings).toEqual([
      { waiting, oldestSeconds },
      { waiting, oldestSeconds },
    ])
  })

  test('is not, where it is not longer than that, or was measured too long ago', async () => {
    expect(await warningsOf(long(100_000, 300), 10)).toEqual([])
    expect(await warningsOf(long(1_000_000, 10_000, 60), 10)).toEqual([])
  })
})
