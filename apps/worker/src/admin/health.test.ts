import { type Check, well } from '@rumen/health/check'
import type { SystemChecks } from '@rumen/health/judge-system'
import { expect, test } from 'vitest'
import { healthOf } from './health.ts'

const ILL: Check = { status: 'failing', message: 'it is down', advice: 'start it', figures: { dead: ['machine:7'] } }
const QUEUE = { waiting: 12, active: 3, oldestSeconds: 2, dead: 1, ageSeconds: 4 }

/** The health of a worker while all is well; what is given wins. */
function health(given: Partial<SystemChecks> = {}, isDatabaseReachable = true) {
  const checks: SystemChecks = {
    ...{ workers: well({ alive: 2 }), gateways: well(), queue: well(), dead_letters: well() },
    ...{ canary: well(), spool: well(), partitions: well(), disk: well() },
    ...given,
  }
  const recent = { queue: QUEUE, processes: [], canary: { sent: null, visible: null, lost: null } }
  const observation = () => ({ recent, daysAhead: 14, disk: null })
  return healthOf({ checks: () => checks, observation, isDatabaseReachable: () => isDatabaseReachable }, '1.2.3')
}

test('a worker that is well says so, with the queue', () => {
  expect(health()).toMatchObject({
    code: 200,
    body: {
      status: 'ok',
      version: '1.2.3',
      role: 'worker',
      checks: { database: { status: 'ok' }, workers: { status: 'ok', alive: 2 } },
      queue: { waiting: 12, active: 3, oldest_seconds: 2, dead: 1, age_seconds: 4 },
    },
  })
})

test('it is 503 while any worker is dead or stuck, and names it', () => {
  expect(health({ workers: ILL })).toMatchObject({
    code: 503,
    body: {
      status: 'unavailable',
      checks: { workers: { status: 'failing', message: 'it is down', dead: ['machine:7'] } },
    },
  })
})

test('it is 503 while the database is away', () => {
  expect(health({}, false)).toMatchObject({ code: 503, body: { checks: { database: { status: 'failing' } } } })
})

test.for(['gateways', 'queue', 'dead_letters', 'canary', 'spool', 'partitions', 'disk'] as const)(
  'trouble of %s is told, and does not keep it from its work',
  (check) => {
    expect(health({ [check]: ILL })).toMatchObject({
      code: 200,
      body: { status: 'degraded', checks: { [check]: { status: 'failing' } } },
    })
  },
)

test('workers nobody could look at are no reason to be 503', () => {
  const unseen: Check = { status: 'unknown', message: 'unseen', advice: null, figures: {} }
  expect(health({ workers: unseen })).toMatchObject({ code: 200, body: { status: 'degraded' } })
})
