import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { runCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { countAnew, storedOf } from '../support/stored-of.ts'
import { waitFor } from '../support/wait-for.ts'

/** Each test runs some commands, and each of those is a process that loads its own code. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

let stack: Stack
/** What a worker made of everything that was sent. */
let asDigested: Readonly<Record<string, string>>

const SID = '5f8f2c7b9d344be0a1f2c3d4e5f60718'
const STARTED = new Date(Date.now() - 60_000).toISOString()
/** The first to be reported, and the newest that occurred. */
const [FIRST, NEWEST] = ['a1', 'a2'].map((byte) => byte.repeat(16))
const CONTEXTS = { os: { name: 'Linux', version: '6.1' }, trace: { trace_id: 'b'.repeat(32), span_id: 'c'.repeat(16) } }

beforeAll(async () => {
  stack = await startStack()
  const events = [1, 2, 3].map((n) =>
    makeEvent({
      event_id: `a${n}`.repeat(16),
      timestamp: n === 2 ? Date.now() / 1000 : Date.now() / 1000 - n * 60,
      level: n === 2 ? 'fatal' : 'error',
      release: `shop@1.${n}.0`,
      environment: 'live',
      user: { id: `user ${n}` },
      tags: { flavour: `f${n}`, part: 'cart' },
      contexts: CONTEXTS,
    }),
  )
  for (const event of events) await post(makeEnvelope(event))
  const update = { sid: SID, did: 'somebody', started: STARTED, attrs: { release: 'shop@1.1.0', environment: 'live' } }
  const transaction = {
    transaction: '/cart',
    start_timestamp: 1,
    timestamp: 2,
    contexts: CONTEXTS,
    release: 'shop@1.1.0',
  }
  await post(envelopeOf(['transaction', { ...transaction, event_id: 'd1'.repeat(16) }], { event_id: 'd1'.repeat(16) }))
  await post(envelopeOf(['session', { ...update, seq: 1, init: true, status: 'ok', errors: 0 }]))
  await post(envelopeOf(['session', { ...update, seq: 2, status: 'crashed', errors: 1 }]))
  const aggregates = [{ started: STARTED, exited: 3, crashed: 1 }]
  await post(envelopeOf(['sessions', { aggregates, attrs: { release: 'shop@1.1.0' } }]))
  await post(
    envelopeOf(['user_report', { event_id: FIRST, name: 'Ann', email: 'ann@example.com', comments: 'broken' }]),
  )
  await post(
    envelopeOf(['check_in', { check_in_id: 'e1'.repeat(16), monitor_slug: 'nightly', status: 'ok', duration: 3 }]),
  )
  await post(
    envelopeOf(['client_report', { discarded_events: [{ reason: 'queue_overflow', category: 'error', quantity: 4 }] }]),
  )
  const file = { type: 'attachment', length: 5, filename: 'log.txt', content_type: 'text/plain' }
  await post(
    [{ event_id: FIRST }, file]
      .map((line) => JSON.stringify(line))
      .join('\n')
      .concat('\nhello'),
  )
  await post(`${JSON.stringify({ event_id: 'f1'.repeat(16) })}\n{"type":"event"}\n{"level":`)
  await allDigested(12)
  for (const worker of stack.workers) await worker.stop()
  asDigested = await storedOf(stack.sql, stack.project)
})

afterAll(() => stack.stop())

function envelopeOf([type, payload]: readonly [string, object], header: object = {}): string {
  return [header, { type }, payload].map((line) => JSON.stringify(line)).join('\n')
}

async function post(body: string): Promise<void> {
  const response = await postEnvelope(stack.gatewayUrl, stack.project, body)
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

async function allDigested(archives: number): Promise<void> {
  await waitFor(
    'all archives and no job',
    async () => {
      const [state] = await stack.sql`
        SELECT (SELECT count(*)::int FROM archive) AS archives,
          (SELECT count(*)::int FROM pgboss.job WHERE name LIKE 'digest%') AS jobs`
      return state?.archives === archives && state.jobs === 0
    },
    60_000,
  )
}

async function ruminate(options = ''): Promise<Record<string, unknown> & { rewritten: Record<string, unknown> }> {
  const line = `ruminate --project ${stack.project.id} --json ${options || '--yes'}`
  const ended = await runCommand(line, stack.databaseUrl)
  expect(ended).toMatchObject({ code: 0, errors: '' })
  return JSON.parse(ended.output)
}

test('what a worker of this version wrote stays as it is', async () => {
  const { rewritten } = await ruminate()
  expect(rewritten).toMatchObject({
    archives: 12,
    events: 3,
    changed: {},
    added: {},
    removed: {},
    cured: 0,
    waiting: 0,
  })
})

/** What an older version left out or read otherwise, and what is told of its being mended. */
test.for([
  [
    'UPDATE report SET level = 0, handled = true, os_id = NULL, trace_id = NULL',
    { columns: { 'report.level': 3, 'report.handled': 3, 'report.os_id': 3, 'report.trace_id': 3 } },
  ],
  [
    `UPDATE report SET occurred_at = CASE event_id WHEN '${FIRST}' THEN received_at + interval '1 hour'
      ELSE occurred_at - interval '3 days' END`,
    { columns: { 'report.occurred_at': 3 } },
  ],
  ["UPDATE report SET release_id = NULL, user_id = NULL, tag_ids = '{}'", { changed: { report: 3 } }],
  [
    `UPDATE report SET user_id = (SELECT max(id) FROM dim_user), release_id = (SELECT min(id) FROM dim_release),
      tag_ids = tag_ids[1:2]`,
    { columns: { 'report.user_id': 2, 'report.release_id': 2, 'report.tag_ids': 3 } },
  ],
  [
    `WITH stranger AS (
        INSERT INTO dim_user (project_id, key, identifier, user_id)
        SELECT project_id, gen_random_uuid(), 'stranger', 'stranger' FROM report LIMIT 1 RETURNING id
      ),
      strange AS (
        INSERT INTO tag (project_id, key, tag_key, tag_value)
        SELECT project_id, gen_random_uuid(), 'part', 'engine' FROM report LIMIT 1 RETURNING id
      )
      UPDATE report SET user_id = stranger.id, tag_ids = tag_ids || strange.id FROM stranger, strange
      WHERE event_id = '${FIRST}'`,
    { columns: { 'report.user_id': 1, 'report.tag_ids': 1 } },
  ],
  [
    `WITH a AS (UPDATE transaction_event SET op = 'x', transaction_id = NULL, duration_ms = 1),
      b AS (UPDATE attachment SET name = 'x'), c AS (UPDATE feedback SET name = NULL, message = email),
      d AS (
        INSERT INTO feedback (project_id, day, archive_hash, item_index, received_at, message)
        SELECT project_id, day, archive_hash, 0, received_at, 'nobody wrote this' FROM report
      )
      UPDATE check_in SET status = 'error', release_id = 1`,
    { changed: { transaction: 1, attachment: 1, feedback: 1, check_in: 1 }, removed: { feedback: 3 } },
  ],
  [
    `WITH s AS (UPDATE session SET did = NULL, did_seq = NULL) DELETE FROM session_user_hour`,
    { changed: { session: 1 } },
  ],
  [`DELETE FROM report WHERE event_id IN ('${FIRST}', '${NEWEST}')`, { added: { report: 2 } }],
  ['DELETE FROM report', { added: { report: 3 } }],
  [
    `INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level)
      SELECT project_id, '${'0'.repeat(32)}', day, archive_hash, 0, grouping_id, date_trunc('day', now()) + interval '2 days', received_at, 4
      FROM report WHERE event_id = '${FIRST}';
      INSERT INTO seen (project_id, key, day) SELECT project_id, event_id, day FROM report WHERE event_id = '${'0'.repeat(32)}'`,
    { removed: { report: 1 } },
  ],
] as const)('%s is mended, and counted as if it had never been', async ([statement, told]) => {
  await stack.sql.unsafe(statement)
  await countAnew(stack.sql, stack.project)
  const broken = await storedOf(stack.sql, stack.project)
  expect(broken).not.toEqual(asDigested)
  const foreseen = await ruminate('--dry-run')
  expect(await storedOf(stack.sql, stack.project)).toEqual(broken)
  const { rewritten } = await ruminate()
  expect(rewritten).toMatchObject(told)
  expect(foreseen.rewritten).toEqual(rewritten)
  if (statement.startsWith('INSERT INTO report')) await takeOffSurplus()
  expect(await recount(stack.sql, stack.project)).toEqual([])
  expect(await storedOf(stack.sql, stack.project)).toEqual(asDigested)
})

/** The ledger said of a report that should not be there that it was stored: this one never was. */
async function takeOffSurplus(): Promise<void> {
  const [row] = await stack.sql`SELECT count(*)::int AS rows FROM outcome WHERE quantity < 0 AND outcome = 'stored'`
  expect(row?.rows).toBe(1)
  await stack.sql`DELETE FROM outcome WHERE recorded_at = (SELECT max(recorded_at) FROM outcome WHERE quantity < 0)`
}

test('what is only foreseen makes no names, either', async () => {
  await stack.sql`DELETE FROM tag WHERE tag_key = 'part'`
  const { rewritten } = await ruminate('--dry-run')
  expect(rewritten).toMatchObject({ columns: { 'report.tag_ids': 3 } })
  expect(await stack.sql`SELECT tag_value FROM tag WHERE tag_key = 'part'`).toEqual([])
})
