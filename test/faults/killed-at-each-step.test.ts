import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openGate, type StopPoint } from '../database/statement-gate.ts'
import { frame, makeEvent, postEnvelope } from '../support/post-event.ts'
import { createReleasers } from '../support/releasers.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'

const EVENTS = 20
const SESSIONS = EVENTS / 2
const ISSUES = 3
const ATTACHMENTS = 10
const TRANSACTIONS = 6
/** Each with an update of a session. */
const ITEMS = EVENTS + EVENTS + ATTACHMENTS + TRANSACTIONS

const ROW_MS_MAX = 60_000

const DIGEST = 'rumen worker'
const QUEUE = 'rumen worker queue'
/** The first statement of a batch's own transaction. */
const FIRST = /INSERT INTO seen/

/** What a worker leaves behind. */
type Left =
  /** Nobody has the jobs. */
  | 'waiting'
  /** A dead worker has the jobs, and nothing of them is visible. */
  | 'claimed'
  /** The same, and there are issues that nobody sees. */
  | 'issues'
  /** Everything is digested. */
  | 'nothing'

const steps: readonly (readonly [name: string, point: StopPoint, left: Left])[] = [
  ['before it claims jobs', claim('call'), 'waiting'],
  ['before it knows which it claimed', claim('answer'), 'claimed'],
  ['with the archives read', { application: DIGEST, statement: /FROM found/, at: 'answer' }, 'claimed'],
  ['before its new issues are committed', commit('call', /INSERT INTO grouping/), 'claimed'],
  ['with issues that have no event yet', { application: DIGEST, statement: FIRST, at: 'call' }, 'issues'],
  ['with the events marked as seen', { application: DIGEST, statement: FIRST, at: 'answer' }, 'issues'],
  ['with the reports written', inBatch('answer', /INSERT INTO "report"/), 'issues'],
  ['before the issues are counted', inBatch('call', /UPDATE issue\s+SET/), 'issues'],
  ['before the jobs are settled', inBatch('call', /DELETE FROM pgboss/), 'issues'],
  ['before it commits', commit('call', FIRST), 'issues'],
  ['before it knows that it committed', commit('answer', FIRST), 'nothing'],
]

function claim(at: StopPoint['at']): StopPoint {
  return { application: QUEUE, statement: /SET\s+state = 'active'[\s\S]*name = 'digest'/, at }
}

function inBatch(at: StopPoint['at'], statement: RegExp): StopPoint {
  return { application: DIGEST, statement, following: FIRST, at }
}

function commit(at: StopPoint['at'], following: RegExp): StopPoint {
  return { application: DIGEST, statement: /^commit$/i, following, at }
}

const releasers = createReleasers()
let stack: Stack
let survivor: RoleProcess
let posted = 0
let rounds = 0

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  survivor = await stack.addWorker()
})

afterAll(() => stack?.stop())

afterEach(releasers.releaseAll)

/** Events with all that SDKs send along, of issues nobody has seen. */
async function postRound(): Promise<void> {
  const name = 'abcdefghijklmnop'[rounds] ?? ''
  const sids = Array.from({ length: SESSIONS }, () => randomUUID())
  const bodies = Array.from({ length: EVENTS }, (_, n) => {
    const exception = {
      type: `${name}${'xyz'[n % ISSUES]}Error`,
      value: 'boom',
      stacktrace: { frames: [frame('app.js', 'main')] },
    }
    const event = makeEvent({
      exception: { values: [exception] },
      release: 'shop@1.0.0',
      environment: 'production',
      user: { id: `${n % 7}` },
      tags: { round: name, flavour: `flavour ${n % 4}` },
    })
    const start = Date.now() / 1000 - 10
    const items: object[] = [{ type: 'event' }, event]
    items.push({ type: 'session' }, sessionUpdate(sids[n % SESSIONS] ?? '', Math.floor(n / SESSIONS)))
    if (n < ATTACHMENTS) items.push({ type: 'attachment', filename: `${n}.json` }, { n })
    if (n < TRANSACTIONS) {
      const trace = { trace_id: event.event_id, span_id: 'a'.repeat(16) }
      items.push(
        { type: 'transaction' },
        { transaction: '/cart', contexts: { trace }, start_timestamp: start, timestamp: start + 1 },
      )
    }
    const header = { event_id: event.event_id, sent_at: new Date().toISOString() }
    return [header, ...items].map((line) => JSON.stringify(line)).join('\n')
  })
  const responses = await Promise.all(bodies.map((body) => postEnvelope(stack.gatewayUrl, stack.project, body)))
  expect(responses.map(({ status }) => status)).toEqual(bodies.map(() => 200))
  rounds++
  posted += EVENTS
}

/** The beginning of a session, then its end: every third one crashes. */
function sessionUpdate(sid: string, seq: number) {
  const isCrash = Number.parseInt(sid.slice(-1), 16) % 3 === 0
  const status = seq === 0 ? 'ok' : isCrash ? 'crashed' : 'exited'
  const started = new Date(Date.now() - 1000).toISOString()
  return { sid, did: sid, seq, status, started, attrs: { release: 'shop@1.0.0', environment: 'production' } }
}

/** No session is about to claim jobs: what comes now is claimed together, once the victim goes on. */
async function nobodyLooks(): Promise<boolean> {
  const sessions = await stack.sql`
    SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = ${QUEUE} AND state = 'active'`
  return sessions.length === 0
}

/** What is there besides the rounds before: jobs by state, reports, and issues. */
async function leftBehind(before: { reports: number; issues: number }) {
  const [left] = await stack.sql`
    SELECT (SELECT count(*)::int FROM pgboss.job WHERE name = 'digest' AND state = 'created') AS waiting,
      (SELECT count(*)::int FROM pgboss.job WHERE name = 'digest' AND state = 'active') AS claimed,
      (SELECT count(*)::int FROM report) - ${before.reports}::int AS reports,
      (SELECT count(*)::int FROM issue) - ${before.issues}::int AS issues`
  return left
}

const LEFT: Record<Left, object> = {
  waiting: { waiting: EVENTS, claimed: 0, reports: 0, issues: 0 },
  claimed: { waiting: 0, claimed: EVENTS, reports: 0, issues: 0 },
  issues: { waiting: 0, claimed: EVENTS, reports: 0, issues: ISSUES },
  nothing: { waiting: 0, claimed: 0, reports: EVENTS, issues: ISSUES },
}

/** As if the dead worker's claims had been made an hour ago, and nobody had looked since. */
async function letClaimsLapse(): Promise<void> {
  await stack.sql`UPDATE pgboss.job SET started_on = started_on - interval '1 hour' WHERE state = 'active'`
  await stack.sql`UPDATE pgboss.queue SET monitor_on = NULL, monitor_claim_on = NULL`
}

async function digested(): Promise<void> {
  await waitFor(
    'an empty queue',
    async () => {
      // The pauses between two tries are pg-boss's, and tested elsewhere.
      await stack.sql`UPDATE pgboss.job SET start_after = now() WHERE state = 'retry' AND start_after > now()`
      const [job] = await stack.sql`SELECT FROM pgboss.job WHERE name = 'digest' LIMIT 1`
      return job === undefined
    },
    ROW_MS_MAX,
  )
}

async function readItems() {
  const [items] = await stack.sql`
    SELECT (SELECT count(*)::int FROM attachment) AS attachments,
      (SELECT count(*)::int FROM transaction_event) AS transactions,
      (SELECT count(*)::int FROM session) AS sessions,
      (SELECT count(*)::int FROM session WHERE status = 'ok') AS running,
      (SELECT sum(sessions)::int FROM session_hour) AS hourly,
      (SELECT count(*) FROM session WHERE status = 'crashed') - (SELECT sum(crashed) FROM session_hour) AS "wrongCrashes",
      (SELECT sum(sessions)::int FROM session_user_hour) AS "hourlyOfUsers",
      (SELECT count(*)::int FROM issue) AS issues,
      (SELECT max(number)::int FROM issue) AS "highestNumber",
      (SELECT count(*)::int FROM digest_error) AS errors,
      (SELECT count(*)::int FROM digest_attempt) AS attempts`
  return items
}

test.each(steps)(
  'a worker killed %s loses nothing, and nothing is counted twice',
  async (_name, point, left) => {
    survivor.signal('SIGSTOP')
    releasers.add(() => survivor.signal('SIGCONT'))
    const gate = await openGate(stack.databaseUrl)
    releasers.add(gate.remove)
    const victim = await stack.addWorker({ DATABASE_URL: gate.url })
    releasers.add(() => victim.signal('SIGKILL'))
    // All of the round is there before it looks: one batch.
    victim.signal('SIGSTOP')
    await waitFor('the end of its last look', nobodyLooks)
    const before = { reports: posted, issues: rounds * ISSUES }
    await postRound()
    const reached = gate.closeAt(point)
    victim.signal('SIGCONT')
    await Promise.race([reached, victim.exited])
    victim.signal('SIGKILL')
    await victim.exited
    expect(await leftBehind(before)).toEqual(LEFT[left])

    await letClaimsLapse()
    survivor.signal('SIGCONT')
    await digested()
    const items = rounds * ITEMS
    expect(await readBooks(stack.sql)).toEqual({ ...balanced(posted), stored: items, seen: items })
    expect(await readItems()).toEqual({
      attachments: rounds * ATTACHMENTS,
      transactions: rounds * TRANSACTIONS,
      sessions: rounds * SESSIONS,
      running: 0,
      hourly: rounds * SESSIONS,
      wrongCrashes: '0',
      hourlyOfUsers: rounds * SESSIONS,
      issues: rounds * ISSUES,
      highestNumber: rounds * ISSUES,
      errors: 0,
      attempts: 0,
    })
    expect(survivor.output()).toBe('')
  },
  ROW_MS_MAX,
)
