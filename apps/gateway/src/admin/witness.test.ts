import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { expect, test } from 'vitest'
import type { IngestRequest } from '../ingest-request.ts'
import type { DrainedRecord, DrainOutcome } from '../spool/drain.ts'
import type { DoorCount } from './door-ledger.ts'
import type { AcceptedRequest } from './gateway-metrics.ts'
import type { LoggedRequest } from './request-log.ts'
import { createWitness } from './witness.ts'

const ONE = parseProjectId('1')
const KEY = 'a'.repeat(32)
const RECEIVED = new Date('2026-11-21T12:34:56Z')

/** A witness, and what it told the ledger, the metrics and the log. */
function makeWitness() {
  const counted: DoorCount[] = []
  const told: unknown[] = []
  const logged: LoggedRequest[] = []
  const witness = createWitness({
    ledger: { count: (what) => counted.push(what) },
    metrics: {
      accepted: (request: AcceptedRequest) => told.push(request),
      refused: (...refused) => told.push(refused),
      drained: (outcome) => told.push(outcome),
    },
    log: { accepted: (request) => logged.push(request), refused: (request) => logged.push(request) },
  })
  return { witness, counted, told, logged }
}

function makeRequest(projectId: ProjectId | null): IngestRequest {
  const incoming = new IncomingMessage(new Socket())
  incoming.headers = { cookie: 'hunter2', 'x-sentry-auth': `Sentry sentry_key=${KEY}` }
  return {
    id: 'id-1',
    endpoint: 'envelope',
    incoming,
    receivedAt: RECEIVED,
    query: new URLSearchParams({ sentry_key: KEY }),
    project: '999',
    trace: null,
    path: { key: KEY },
    known: { projectId, client: 'sentry.python/2.1' },
  }
}

const KEPT = { eventId: null, wireBytes: 10, storedBytes: 5 }

test('an accepted request is counted for its project in the hour it came in, weighed, timed and logged', () => {
  const { witness, counted, told, logged } = makeWitness()
  witness.accepted(makeRequest(ONE), { ...KEPT, kept: 'archived' }, { status: 202, ms: 1.5 })
  expect(counted).toEqual([{ projectId: ONE, outcome: 'archived', reason: '', receivedAtMs: RECEIVED.getTime() }])
  expect(told).toEqual([{ endpoint: 'envelope', outcome: 'archived', ms: 1.5, wireBytes: 10, storedBytes: 5 }])
  expect(logged).toMatchObject([{ requestId: 'id-1', projectId: ONE, status: 202, outcome: 'archived' }])
})

test('what was seen before is not stored twice', () => {
  const { witness, told } = makeWitness()
  witness.accepted(makeRequest(ONE), { ...KEPT, kept: 'seen_again' }, { status: 200, ms: 1 })
  expect(told).toMatchObject([{ wireBytes: 10, storedBytes: 0 }])
})

test('what was spooled of a sender nobody could check is counted for no project', () => {
  const { witness, counted } = makeWitness()
  witness.accepted(makeRequest(null), { ...KEPT, kept: 'spooled' }, { status: 200, ms: 1 })
  witness.accepted(makeRequest(ONE), { ...KEPT, kept: 'spooled' }, { status: 200, ms: 1 })
  expect(counted).toMatchObject([
    { projectId: null, outcome: 'spooled', reason: 'unverified' },
    { projectId: ONE, outcome: 'spooled', reason: '' },
  ])
})

test('a refusal is counted, and logged without a key, a cookie or a query, whatever project its path names', () => {
  const { witness, counted, told, logged } = makeWitness()
  const failure = { status: 403, detail: 'no', outcome: 'unauthorized', reason: 'unknown_key' } as const
  witness.refused(makeRequest(null), failure, new Error('no'))
  expect(counted).toMatchObject([{ projectId: null, outcome: 'unauthorized', reason: 'unknown_key' }])
  expect(told).toEqual([['envelope', { outcome: 'unauthorized', reason: 'unknown_key' }]])
  expect(logged).toEqual([
    {
      requestId: 'id-1',
      projectId: null,
      client: 'sentry.python/2.1',
      endpoint: 'envelope',
      status: 403,
      outcome: 'unauthorized',
      reason: 'unknown_key',
    },
  ])
})

test.for([
  ['archived', ONE, 'archived', 'spool'],
  ['seen_again', ONE, 'seen_again', 'spool'],
  ['refused', ONE, 'kept_aside', ''],
  ['unknown_key', null, 'discarded', 'unknown_key'],
] as const)('what left the spool as %s is counted once more, in the hour it came in', ([left, projectId, ...door]) => {
  const { witness, counted, told } = makeWitness()
  witness.drained([drained(left)])
  const [outcome, reason] = door
  expect(counted).toEqual([{ projectId, outcome, reason, receivedAtMs: RECEIVED.getTime() }])
  expect(told).toEqual([left])
})

function drained(outcome: DrainOutcome): DrainedRecord {
  const archive = {
    projectId: ONE,
    day: '2026-11-21',
    hash: Buffer.alloc(32),
    eventId: null,
    receivedAt: RECEIVED,
    endpoint: 'envelope',
    contentType: null,
    encoding: 'gzip',
    clientIp: null,
    userAgent: null,
    sentryClient: null,
    queryRelease: null,
    queryEnvironment: null,
    wireBytes: 1,
    body: Buffer.alloc(1),
  } as const
  const receipt = { archive, queue: 'digest', priority: 0 } as const
  return { record: { receipt, publicKey: parsePublicKey(KEY) }, outcome }
}
