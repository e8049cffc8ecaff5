import { well } from '@rumen/health/check'
import { expect, test } from 'vitest'
import { statusInJson } from './in-json.ts'
import { statusInWords } from './in-words.ts'
import type { Seen, Status } from './report.ts'

const NOW = new Date('2026-11-26T12:00:00Z')
const IDLE = {
  busySeconds: null,
  lookedSeconds: null,
  accepted: 0,
  digested: 0,
  visibleMedianMs: null,
  visibleSlowMs: null,
}

const SEEN: Seen = {
  processes: [
    {
      ...IDLE,
      ...{ role: 'gateway', host: 'a', pid: 1, version: '1.2.3', startedAt: new Date('2026-11-26T09:00:00Z') },
      ...{ silentSeconds: 2, perSecond: 12.34, accepted: 5_000, health: 'alive' },
      spool: { records: 0, bytes: 0, bytesMax: 1000, keptAsideBytes: 0 },
    },
    {
      ...IDLE,
      ...{ role: 'worker', host: 'b', pid: 2, version: '1.2.2', startedAt: new Date('2026-11-26T11:59:20Z') },
      ...{ silentSeconds: 42, perSecond: 0, busySeconds: 3, health: 'dead', spool: null },
    },
  ],
  queue: { waiting: 12, active: 3, oldestSeconds: 90, dead: 1, ageSeconds: 0 },
  queues: [
    { name: 'digest', waiting: 12, active: 3, oldestSeconds: 90 },
    { name: 'digest-excess', waiting: 0, active: 0, oldestSeconds: 0 },
  ],
  ...{ acceptedPerSecond: 12.34, digestedPerSecond: 11, visibleMedianMs: 30, visibleSlowMs: 80, daysAhead: 14 },
  disk: {
    ...{ databaseBytes: 20e9, freeBytes: 80e9, capacityBytes: 100e9, bytesPerDay: 1.5e9, fullOn: null, advice: null },
    measuredAt: NOW,
  },
  databaseVersion: '18.1',
}

const STATUS: Status = {
  status: 'failing',
  checks: {
    database: well(),
    workers: {
      status: 'failing',
      message: 'worker b:2 was last heard of 42 s ago',
      advice: 'start it again',
      figures: { alive: 0, dead: ['b:2'], stuck: [] },
    },
    dead_letters: { status: 'failing', message: '1 event could not be digested', advice: null, figures: { dead: 1 } },
    disk: { status: 'unknown', message: 'the disk could not be looked at', advice: null, figures: {} },
  },
  seen: SEEN,
}

test('it says first how it is, then each check with what to do, then who runs and how much', () => {
  const lines = statusInWords(STATUS, NOW)
  expect(lines.slice(0, -1)).toEqual([
    'Rumen needs you: workers, dead letters',
    '',
    '  database      ok',
    '  workers       FAILING   worker b:2 was last heard of 42 s ago',
    '                          → start it again',
    '  dead letters  FAILING   1 event could not be digested',
    '  disk          unknown   the disk could not be looked at',
    '',
    '  gateway a:1  1.2.3, up 3 h, heard of 2 s ago, alive  12.3 a second',
    '  worker b:2  1.2.2, up 40 s, heard of 42 s ago, dead  0.0 a second, at its batch for 3 s',
    '',
    '  queue digest: 12 requests waiting, the oldest for 90 s; 3 in hand',
    '  queue digest-excess: 0 requests waiting; 0 in hand',
    '  given up: 1',
    '  last minute: 12.3 a second accepted, 11.0 digested; visible after 30 ms (median), 80 ms (99 of 100)',
    '  database: 20.0 GB, 1.5 GB a day; not full with this retention',
    '  partitions: made for 14 days ahead',
  ])
  expect(lines.at(-1)).toMatch(/^ {2}versions: Rumen \d+\.\d+\.\d+ \(this command\), PostgreSQL 18\.1$/)
})

test.for([
  ['ok', { database: well() }, 'Rumen is well'],
  ['degraded', { disk: STATUS.checks.disk ?? well() }, 'Rumen works, with something to look at: disk'],
] as const)('%s has a headline of its own', ([status, checks, headline]) => {
  expect(statusInWords({ status, checks, seen: null }, NOW)[0]).toBe(headline)
})

test('as JSON it is the checks as health has them, and what was seen', () => {
  expect(statusInJson(STATUS)).toMatchObject({
    status: 'failing',
    checks: {
      database: { status: 'ok' },
      workers: { status: 'failing', alive: 0, dead: ['b:2'], message: 'worker b:2 was last heard of 42 s ago' },
    },
    database_version: '18.1',
    processes: [
      { name: 'a:1', role: 'gateway', state: 'alive', handled: 5_000, per_second: 12.34, spool: { bytes_max: 1000 } },
      { name: 'b:2', role: 'worker', state: 'dead', busy_seconds: 3, spool: null },
    ],
    queue: { waiting: 12, active: 3, oldest_seconds: 90, dead: 1, queues: [{ name: 'digest', waiting: 12 }, {}] },
    rates: { accepted_per_second: 12.34, digested_per_second: 11 },
    visible: { median_ms: 30, slow_ms: 80 },
  })
  expect(statusInJson({ ...STATUS, seen: null })).toMatchObject({ processes: null, queue: null, rates: null })
})
