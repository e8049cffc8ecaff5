import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { describe, expect, test } from 'vitest'
import type { Limit } from './limit.ts'
import { type Admission, createRateLimits, type Payer } from './rate-limits.ts'

const OFF = {
  RATE_LIMIT_REQUESTS_PER_SEC: 0,
  RATE_LIMIT_PER_IP_PER_SEC: 0,
  RATE_LIMIT_PER_PROJECT_PER_SEC: 0,
  RATE_LIMIT_PER_KEY_PER_SEC: 0,
  RATE_LIMIT_BURST_MULTIPLIER: 1,
}

/** Limits with a clock of the test's own. */
function makeLimits(settings: Partial<typeof OFF>) {
  let nowMs = 0
  const limits = createRateLimits({ settings: { ...OFF, ...settings }, now: () => nowMs })
  return { ...limits, pass: (ms: number) => (nowMs += ms) }
}

function makeSender({
  address = '203.0.113.7' as string | null,
  project = 1,
  key = 1,
  projectRate = null as number | null,
  keyRate = null as number | null,
} = {}): Payer {
  return {
    address,
    owner: { projectId: parseProjectId(`${project}`), projectRatePerSec: projectRate, keyRatePerSec: keyRate },
    publicKey: parsePublicKey(`${key}`.padStart(32, '0')),
  }
}

/** Both stages, as a request meets them. */
function admit(admission: Admission, sender: Payer): Limit | null {
  return admission.admitClient(sender.address) ?? admission.admitProject(sender)
}

/** How many of so many requests are admitted. */
function admitted(admission: Admission, sender: Payer, requests = 100): number {
  return Array.from({ length: requests }, () => admit(admission, sender)).filter((limit) => limit === null).length
}

test('without limits nothing is ever refused', () => {
  const { requests } = makeLimits({})
  expect(admitted(requests, makeSender(), 10_000)).toBe(10_000)
})

describe.for([
  ['ip', { RATE_LIMIT_PER_IP_PER_SEC: 3 }, 'key', 'RATE_LIMIT_PER_IP_PER_SEC'],
  ['global', { RATE_LIMIT_REQUESTS_PER_SEC: 3 }, 'organization', 'RATE_LIMIT_REQUESTS_PER_SEC'],
  ['project', { RATE_LIMIT_PER_PROJECT_PER_SEC: 3 }, 'project', 'RATE_LIMIT_PER_PROJECT_PER_SEC'],
  ['key', { RATE_LIMIT_PER_KEY_PER_SEC: 3 }, 'key', 'RATE_LIMIT_PER_KEY_PER_SEC'],
] as const)('the limit %s', ([reason, settings, scope, name]) => {
  test('admits its rate and its burst, and then says which limit it is and how long to wait', () => {
    const { requests, pass } = makeLimits({ ...settings, RATE_LIMIT_BURST_MULTIPLIER: 4 })
    expect(admitted(requests, makeSender())).toBe(12)
    expect(admit(requests, makeSender())).toEqual({
      reason,
      scope,
      retryAfterSecs: 1,
      detail: expect.stringMatching(new RegExp(`^more than 3 requests a second .*\\(${name}\\)$`)),
    })
    pass(1000)
    expect(admitted(requests, makeSender())).toBe(3)
  })
})

describe('what one', () => {
  test.for([
    ['address', { RATE_LIMIT_PER_IP_PER_SEC: 3 }, { address: '203.0.113.8' }],
    ['project', { RATE_LIMIT_PER_PROJECT_PER_SEC: 3 }, { project: 2 }],
    ['key', { RATE_LIMIT_PER_KEY_PER_SEC: 3 }, { key: 2 }],
    ['project by a key', { RATE_LIMIT_PER_KEY_PER_SEC: 3 }, { project: 2, key: 1 }],
  ] as const)('%s sends, another does not pay for', ([, settings, other]) => {
    const { requests } = makeLimits(settings)
    expect(admitted(requests, makeSender())).toBe(3)
    expect(admitted(requests, makeSender(other))).toBe(3)
  })
})

test('IPv6 addresses of one network share its tokens: a customer has 2^64 of them', () => {
  const { requests } = makeLimits({ RATE_LIMIT_PER_IP_PER_SEC: 3 })
  const from = (address: string) => admitted(requests, makeSender({ address }))
  expect(from('2001:db8:1:2::1') + from('2001:db8:1:2:ffff::2') + from('2001:DB8:1:2:0:0:0:3')).toBe(3)
  expect(from('2001:db8:1:3::1')).toBe(3)
})

test('senders that are gone have one bucket together', () => {
  const { requests } = makeLimits({ RATE_LIMIT_PER_IP_PER_SEC: 3 })
  expect(admitted(requests, makeSender({ address: null }))).toBe(3)
})

describe('a limit of one’s own', () => {
  test.for([
    ['project', { RATE_LIMIT_PER_PROJECT_PER_SEC: 3 }, { projectRate: 7 }],
    ['key', { RATE_LIMIT_PER_KEY_PER_SEC: 3 }, { keyRate: 7 }],
  ] as const)('of the %s holds instead of the setting, and is named', ([what, settings, own]) => {
    const { requests } = makeLimits(settings)
    expect(admitted(requests, makeSender(own))).toBe(7)
    expect(admit(requests, makeSender(own))).toMatchObject({
      reason: what,
      detail: expect.stringContaining(`the ${what}'s own rate limit`),
    })
  })

  test.for([
    ['project', { RATE_LIMIT_PER_PROJECT_PER_SEC: 3 }, { projectRate: 0 }],
    ['key', { RATE_LIMIT_PER_KEY_PER_SEC: 3 }, { keyRate: 0 }],
  ] as const)('of the %s that is 0 is none', ([, settings, own]) => {
    const { requests } = makeLimits(settings)
    expect(admitted(requests, makeSender(own), 1000)).toBe(1000)
  })

  test('holds where the setting is off', () => {
    const { requests } = makeLimits({})
    expect(admitted(requests, makeSender({ projectRate: 5 }))).toBe(5)
  })
})

describe('a refused request takes nothing', () => {
  test('from its network when all senders are limited', () => {
    const { requests } = makeLimits({ RATE_LIMIT_REQUESTS_PER_SEC: 1, RATE_LIMIT_PER_IP_PER_SEC: 5 })
    expect(requests.admitClient('203.0.113.7')).toBeNull()
    for (let n = 0; n < 100; n++) expect(requests.admitClient('203.0.113.7')).toMatchObject({ reason: 'global' })
  })

  test('from what all share when its project is limited: its flood does not lock the others out', () => {
    const { requests } = makeLimits({ RATE_LIMIT_REQUESTS_PER_SEC: 50, RATE_LIMIT_PER_PROJECT_PER_SEC: 10 })
    expect(admitted(requests, makeSender(), 10_000)).toBe(10)
    expect(admitted(requests, makeSender({ project: 2 }))).toBe(10)
  })

  test('from its network when its project is limited: neighbours behind one address still get in', () => {
    const { requests } = makeLimits({ RATE_LIMIT_PER_IP_PER_SEC: 50, RATE_LIMIT_PER_PROJECT_PER_SEC: 10 })
    expect(admitted(requests, makeSender(), 10_000)).toBe(10)
    expect(admitted(requests, makeSender({ project: 2 }))).toBe(10)
  })

  test('from its project when its key is limited: the project’s other keys still get in', () => {
    const { requests } = makeLimits({ RATE_LIMIT_PER_PROJECT_PER_SEC: 20, RATE_LIMIT_PER_KEY_PER_SEC: 10 })
    expect(admitted(requests, makeSender(), 10_000)).toBe(10)
    expect(admitted(requests, makeSender({ key: 2 }))).toBe(10)
  })
})

test('a stranger without a key cannot spend a project’s tokens, only its own', () => {
  const { requests } = makeLimits({ RATE_LIMIT_PER_IP_PER_SEC: 10, RATE_LIMIT_PER_PROJECT_PER_SEC: 5 })
  const stranger = Array.from({ length: 100 }, () => requests.admitClient('198.51.100.9'))
  expect(stranger.filter((limit) => limit === null)).toHaveLength(10)
  expect(admitted(requests, makeSender())).toBe(5)
})

describe('requests without an event', () => {
  const ALL_ON = {
    RATE_LIMIT_REQUESTS_PER_SEC: 4,
    RATE_LIMIT_PER_IP_PER_SEC: 4,
    RATE_LIMIT_PER_PROJECT_PER_SEC: 4,
    RATE_LIMIT_PER_KEY_PER_SEC: 4,
  }

  test('pass where events are limited, in as many as those may be', () => {
    const { requests, withoutEvent } = makeLimits(ALL_ON)
    expect(admitted(requests, makeSender())).toBe(4)
    expect(admitted(withoutEvent, makeSender())).toBe(4)
    expect(admit(withoutEvent, makeSender())).not.toBeNull()
  })

  test('spend nothing of what events may', () => {
    const { requests, withoutEvent } = makeLimits(ALL_ON)
    expect(admitted(withoutEvent, makeSender(), 1000)).toBe(4)
    expect(admitted(requests, makeSender())).toBe(4)
  })
})
