import type { CanaryState } from '@rumen/db/canary/read-canary'
import type { DiskForecast } from '@rumen/db/disk/forecast-disk'
import type { SeenProcess } from '@rumen/db/process/read-processes'
import type { LargeDrop } from '@rumen/db/retention/large-drop'
import { describe, expect, test } from 'vitest'
import { type Circumstances, judgeSystem, type SystemCheck } from './judge-system.ts'
import type { Observation, QueueGauges, Recent } from './observation.ts'

const NOW = new Date('2026-11-26T12:00:00Z')
const GB = 1e9

const WORKER: SeenProcess = {
  role: 'worker',
  host: 'machine',
  pid: 7,
  version: '1.2.3',
  startedAt: NOW,
  silentSeconds: 3,
  busySeconds: null,
  lookedSeconds: 1,
  accepted: 0,
  digested: 100,
  perSecond: 10,
  visibleMedianMs: 30,
  visibleSlowMs: 80,
  spool: null,
}
const SPOOL = { records: 0, bytes: 0, bytesMax: 1000, keptAsideBytes: 0 }
const GATEWAY: SeenProcess = { ...WORKER, role: 'gateway', pid: 8, lookedSeconds: null, spool: SPOOL }
const QUEUE: QueueGauges = { waiting: 3, active: 2, oldestSeconds: 1, dead: 0, ageSeconds: 2 }
const CANARY: CanaryState = {
  sent: { value: 60, ageSeconds: 20 },
  visible: { value: 45, ageSeconds: 19 },
  lost: null,
}
const FORECAST: DiskForecast = {
  databaseBytes: 20 * GB,
  freeBytes: 80 * GB,
  capacityBytes: 100 * GB,
  bytesPerDay: GB,
  fullOn: null,
  advice: null,
  measuredAt: NOW,
}

const DROP: LargeDrop = { days: 275, newestDay: '2026-08-20', dueAt: new Date(NOW.getTime() + 3_600_000) }

interface Given {
  queue?: Partial<QueueGauges> | null
  workers?: readonly Partial<SeenProcess>[]
  gateways?: readonly Partial<SeenProcess>[]
  canary?: Partial<CanaryState>
  daysAhead?: number
  disk?: Partial<DiskForecast>
  largeDrop?: LargeDrop
  circumstances?: Partial<Circumstances>
}

function observe({
  queue,
  workers = [{}],
  gateways = [{}],
  canary,
  daysAhead = 14,
  disk,
  largeDrop,
}: Given): Observation {
  const recent: Recent = {
    queue: queue === null ? null : { ...QUEUE, ...queue },
    processes: [...gateways.map((one) => ({ ...GATEWAY, ...one })), ...workers.map((one) => ({ ...WORKER, ...one }))],
    canary: { ...CANARY, ...canary },
  }
  return { recent, daysAhead, disk: { forecast: { ...FORECAST, ...disk }, largeDrop: largeDrop ?? null } }
}

/** What is made of a Rumen that is well; what is given wins. */
function judge(given: Given = {}) {
  return judgeSystem(observe(given), {
    canaryIntervalSeconds: 60,
    settledSeconds: 1_000,
    now: NOW,
    ...given.circumstances,
  })
}

/** Everything that is not well. */
function faults(checks: ReturnType<typeof judge>): Partial<Record<SystemCheck, string>> {
  return Object.fromEntries(
    Object.entries(checks).flatMap(([name, { status }]) => (status === 'ok' ? [] : [[name, status]])),
  )
}

test('where all is well, everything says so', () => {
  expect(faults(judge())).toEqual({})
})

test('what could not be looked at is unknown, all of it, and never well', () => {
  const circumstances = { canaryIntervalSeconds: 60, settledSeconds: 0, now: NOW }
  const checks = judgeSystem({ recent: null, daysAhead: null, disk: null }, circumstances)
  expect([...new Set(Object.values(checks).map(({ status }) => status))]).toEqual(['unknown'])
})

describe('what is red, and just not', () => {
  const cases: readonly [name: string, given: Given, faults: Partial<Record<SystemCheck, string>>][] = [
    ['a worker that was just heard of', { workers: [{ silentSeconds: 30 }] }, {}],
    ['one that was not, of two', { workers: [{}, { silentSeconds: 31 }] }, { workers: 'failing' }],
    ['no worker at all', { workers: [] }, { workers: 'failing' }],
    ['no gateway', { gateways: [] }, { gateways: 'failing', spool: 'off' }],
    ['a dead gateway', { gateways: [{}, { silentSeconds: 31 }] }, { gateways: 'failing' }],
    ['a long batch', { workers: [{ busySeconds: 60 }] }, {}],
    ['one held longer than its claim', { workers: [{ busySeconds: 61 }] }, { workers: 'failing' }],
    ['a worker that sleeps because nothing waits', { workers: [{ lookedSeconds: 3000 }] }, {}],
    [
      'one that sleeps while something waits',
      { workers: [{ lookedSeconds: 61 }], queue: { oldestSeconds: 61 } },
      { workers: 'failing' },
    ],
    [
      'one that is at work while something waits',
      { workers: [{ lookedSeconds: 61, busySeconds: 50 }], queue: { oldestSeconds: 61 } },
      {},
    ],
    ['a backlog that is worked off', { queue: { oldestSeconds: 300 } }, {}],
    ['an old one', { queue: { oldestSeconds: 301 } }, { queue: 'degraded' }],
    ['one that grows', { queue: { oldestSeconds: 61 }, gateways: [{ perSecond: 50 }] }, { queue: 'degraded' }],
    ['a short one that grows', { queue: { oldestSeconds: 60 }, gateways: [{ perSecond: 50 }] }, {}],
    ['a queue measured lately', { queue: { ageSeconds: 60 } }, {}],
    ['and not', { queue: { ageSeconds: 61 } }, { queue: 'degraded' }],
    ['a queue that was never measured', { queue: null }, { queue: 'unknown', dead_letters: 'unknown' }],
    ['a dead letter', { queue: { dead: 1 } }, { dead_letters: 'failing' }],
    ['three days of partitions', { daysAhead: 3 }, {}],
    ['two', { daysAhead: 2 }, { partitions: 'failing' }],
    ['days that wait to be dropped', { largeDrop: DROP }, { partitions: 'degraded' }],
    ['and no partitions', { largeDrop: DROP, daysAhead: 2 }, { partitions: 'failing' }],
    ['a spool with something in it', { gateways: [{ spool: { ...SPOOL, records: 1 } }] }, { spool: 'degraded' }],
    ['one that is full', { gateways: [{ spool: { ...SPOOL, bytes: 1000 } }] }, { spool: 'failing' }],
    ['something kept aside', { gateways: [{ spool: { ...SPOOL, keptAsideBytes: 1 } }] }, { spool: 'degraded' }],
    ['no spool', { gateways: [{ spool: null }] }, { spool: 'off' }],
    ['a disk full in 31 days', { disk: { fullOn: '2026-12-27' } }, {}],
    ['in 30', { disk: { fullOn: '2026-12-26' } }, { disk: 'degraded' }],
    ['in 8', { disk: { fullOn: '2026-12-04' } }, { disk: 'degraded' }],
    ['in 7', { disk: { fullOn: '2026-12-03' } }, { disk: 'failing' }],
    ['a disk with 5 % left', { disk: { freeBytes: 5 * GB } }, {}],
    ['and less', { disk: { freeBytes: 4.9 * GB } }, { disk: 'failing' }],
    ['a disk of nobody knows what size', { disk: { freeBytes: null, capacityBytes: null } }, { disk: 'off' }],
    [
      'a disk nobody has measured for hours',
      { disk: { measuredAt: new Date('2026-11-26T08:59:00Z') } },
      { disk: 'unknown' },
    ],
  ]

  test.for(cases)('%s', ([, given, expected]) => {
    expect(faults(judge(given))).toEqual(expected)
  })
})

describe('the canary', () => {
  const gauge = (value: number, ageSeconds: number) => ({ value, ageSeconds })
  const cases: readonly [name: string, canary: Partial<CanaryState>, status: string][] = [
    ['was seen a while ago', { visible: gauge(45, 150), sent: gauge(60, 30) }, 'ok'],
    ['has not been seen for two intervals and its patience', { visible: gauge(45, 151) }, 'failing'],
    ['was lost after it was seen', { lost: gauge(200, 5) }, 'failing'],
    ['was lost before it was seen', { lost: gauge(200, 21) }, 'ok'],
    ['was lost and never seen', { visible: null, lost: gauge(0, 5) }, 'failing'],
    ['was lost a while ago and another is on its way', { lost: gauge(200, 10), sent: gauge(60, 1) }, 'failing'],
    ['was lost, and nobody sends any more', { visible: null, lost: gauge(429, 500) }, 'failing'],
    ['is on its way for the first time', { visible: null, sent: gauge(60, 5) }, 'unknown'],
    ['was sent once and never came back', { visible: null, sent: gauge(60, 151) }, 'failing'],
    ['was never sent', { visible: null, sent: null }, 'unknown'],
    ['goes by the interval it is sent at', { visible: gauge(45, 600), sent: gauge(300, 100) }, 'ok'],
  ]

  test.for(cases)('that %s is %s', ([, canary, status]) => {
    expect(judge({ canary }).canary.status).toBe(status)
  })

  test('that nobody wants is off, whatever is left of it', () => {
    const circumstances = { canaryIntervalSeconds: 0 }
    expect(judge({ canary: { visible: gauge(45, 9_000) }, circumstances }).canary.status).toBe('off')
  })

  test.for([
    [0, /no answer/],
    [200, /was taken, and was not visible 30 s later/],
    [429, /refused with 429/],
    [503, /refused with 503/],
  ] as const)('that was answered %i says so', ([answer, words]) => {
    expect(judge({ canary: { lost: gauge(answer, 1) } }).canary.message).toMatch(words)
  })
})

describe('in words', () => {
  test('a dead worker is named, and whoever lives is counted', () => {
    const { workers } = judge({ workers: [{}, { host: 'other', pid: 9, silentSeconds: 42 }] })
    expect(workers).toEqual({
      status: 'failing',
      message: 'worker other:9 was last heard of 42 s ago',
      advice: 'start it again; one that is not to come back is forgotten after 15 min',
      figures: { alive: 1, dead: ['other:9'], stuck: [] },
    })
  })

  test('a stuck one, too', () => {
    const { workers } = judge({ workers: [{ busySeconds: 75 }] })
    expect(workers.message).toBe('worker machine:7 has had the same events in hand for 75 s')
    expect(workers.figures).toEqual({ alive: 0, dead: [], stuck: ['machine:7'] })
  })

  test('when all are dead it is said what that means', () => {
    const { workers } = judge({ workers: [{ silentSeconds: 42 }] })
    expect(workers.message).toMatch(/^no worker is running: .*; worker machine:7 was last heard of 42 s ago$/)
  })

  test('of many the first are named', () => {
    const workers = Array.from({ length: 8 }, (_, pid) => ({ pid, silentSeconds: 42 }))
    expect(judge({ workers: [{}, ...workers] }).workers.message).toMatch(/machine:4 was last heard of .* and 3 more$/)
  })

  test('a queue that grows says how fast', () => {
    const queue = { waiting: 900, oldestSeconds: 90 }
    expect(judge({ queue, gateways: [{ perSecond: 50 }] }).queue.message).toBe(
      '900 events wait, the oldest for 90 s, and 50.0 a second come in and 10.0 are digested',
    )
  })

  test('a disk says until when, and what would help', () => {
    const disk = {
      fullOn: '2026-12-01' as const,
      advice: { retentionDays: 30, freesBytes: 12.3 * GB, settings: ['RETENTION_DAYS'] },
    }
    expect(judge({ disk }).disk).toMatchObject({
      message: "80.0 GB of the database's disk are left",
      advice: 'full on 2026-12-01; RETENTION_DAYS=30 frees 12.3 GB',
      figures: { full_in_days: 5 },
    })
  })

  test('a spool says whose it is', () => {
    const gateways = [{}, { host: 'b', spool: { ...SPOOL, records: 3 } }]
    expect(judge({ gateways }).spool.message).toBe('of gateway b:8: 3 requests wait in the spool for the database')
  })
})

test('a database that was away until a moment ago makes nobody dead, and nobody well', () => {
  const circumstances = { settledSeconds: 14 }
  const silent = { workers: [{}, { silentSeconds: 40 }], circumstances }
  expect(judge(silent).workers.status).toBe('unknown')
  expect(judge({ workers: [], circumstances }).workers.status).toBe('unknown')
  expect(judge({ circumstances }).workers.status).toBe('ok')
  expect(judge({ ...silent, circumstances: { settledSeconds: 15 } }).workers.status).toBe('failing')
})
