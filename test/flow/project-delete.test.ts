import { connect } from '@rumen/db/connect'
import { beginDeletion } from '@rumen/db/project/begin-deletion'
import { finishDeletions } from '@rumen/db/project/finish-deletions'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { countStatements } from '../database/statement-counter.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Posted, postSteadily } from '../support/post-steadily.ts'
import { recount } from '../support/recount.ts'
import { rowsOf } from '../support/rows-of.ts'
import { runCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

const PER_SEC = 40
const WAIT_MS = 120_000

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(async () => {
  await stack.stop()
})

/** An envelope with all that is kept of a project, from a user both projects have. */
function fullEnvelope(event: ReturnType<typeof makeEvent>): string {
  const [sid, started] = [crypto.randomUUID(), new Date()]
  const items = [
    [{ type: 'session' }, { sid, did: 'ada', started, timestamp: started, attrs: { release: 'shop@1' } }],
    [{ type: 'attachment', filename: 'notes.txt' }, { file: event.event_id }],
    [{ type: 'user_report' }, { event_id: event.event_id, comments: `it broke ${event.event_id}` }],
    [{ type: 'check_in' }, { monitor_slug: 'nightly', status: 'ok', check_in_id: event.event_id }],
    [{ type: 'client_report' }, { discarded_events: [{ reason: 'sample_rate', category: 'error', quantity: 1 }] }],
    [{ type: 'transaction' }, { transaction: 'GET /', start_timestamp: 1, timestamp: 2, id: event.event_id }],
    [{ type: 'event' }, { second: 'of one envelope: an error' }],
  ]
  return [makeEnvelope(event), ...items.flat().map((line) => JSON.stringify(line))].join('\n')
}

async function post(project: AddedProject): Promise<Posted> {
  const event = makeEvent({ user: { id: 'ada' }, release: 'shop@1', environment: 'live', tags: { flavour: 'sour' } })
  const end = (status: number | null): Posted => ({ eventId: event.event_id, status, ms: 0 })
  try {
    const response = await postEnvelope(stack.gatewayUrl, project, fullEnvelope(event))
    await response.arrayBuffer()
    return end(response.status)
  } catch {
    return end(null)
  }
}

/** What no event brings. */
async function leaveRest({ id }: AddedProject): Promise<void> {
  const { sql } = stack
  await sql`UPDATE project SET quota_per_month = 1000000 WHERE id = ${id}`
  await sql`INSERT INTO quota_usage VALUES (${id}, 'month', now(), 1)`
  await sql`INSERT INTO suppressed VALUES (${id}, CURRENT_DATE, '\\x00', -1, 'person_erased')`
  await sql`INSERT INTO erasure (project_id, subject_hash, erased) VALUES (${id}, '\\x00', '{}')`
  await sql`INSERT INTO digest_attempt VALUES (${id}, CURRENT_DATE, '\\x00', 1)`
  await sql`INSERT INTO activity (project_id, issue_id, kind, data) SELECT project_id, id, 'muted', '{}' FROM issue WHERE project_id = ${id}`
  await sql`
    INSERT INTO keeper (project_id, grouping_id, event_id, day, archive_hash, item_index, occurred_at, received_at, endpoint,
      encoding, wire_bytes, body)
    SELECT ${id}, 1, gen_random_uuid(), CURRENT_DATE, '\\x00', 0, now(), now(), 'envelope', 'gzip', 1, '\\x00'`
  await sql`
    INSERT INTO pgboss.job (name, data) VALUES ('digest-dead', jsonb_build_object('project_id', ${id}::text))`
}

async function stored({ id }: AddedProject): Promise<number> {
  const [row] = await stack.sql<[{ n: number }]>`SELECT count(*)::int AS n FROM report WHERE project_id = ${id}`
  return row.n
}

test('a project is deleted with every row it has, killed half-way and under load; another keeps all of its own', async () => {
  const [doomed, other] = [await addProject(stack, 'Doomed'), await addProject(stack, 'Other')]
  const load = [doomed, other].map((project) => postSteadily(PER_SEC, () => post(project)))
  await waitFor('some reports', async () => (await stored(doomed)) > 100 && (await stored(other)) > 100, WAIT_MS)
  await leaveRest(doomed)
  const before = await rowsOf(stack, doomed)
  const filled = ['archive', 'report', 'session', 'session_hour', 'attachment', 'feedback', 'check_in', 'digest_error']
  for (const table of filled) expect(before[table], table).toBeGreaterThan(0)

  const said = await runCommand(`project delete ${doomed.id} --yes`, stack.databaseUrl)
  expect([said.code, said.output]).toEqual([0, expect.stringMatching(/takes nothing any more.* \d+ rows left/)])
  await waitFor('a refusal', async () => (await post(doomed)).status === 403)
  const list = await runCommand('project list', stack.databaseUrl)
  expect(list.output).toMatch(/\tDoomed\tdeleting since \S+, \d+ rows left\n/)

  const killed = new AbortController()
  await finishDeletions(stack.db, killed.signal, () => killed.abort())
  expect((await rowsOf(stack, doomed)).project).toBe(1)
  await Promise.all([
    finishDeletions(stack.db),
    runCommand(`project delete ${doomed.id} --yes --wait`, stack.databaseUrl),
  ])
  const [ofDoomed, ofOther] = await Promise.all(load.map((one) => one.stop()))
  expect(ofDoomed?.some(({ status }) => status === 403)).toBe(true)
  const accepted = ofOther?.filter(({ status }) => status === 200).length
  expect(accepted).toBe(ofOther?.length)
  await waitForReports(stack, other, { count: accepted ?? 0, msMax: WAIT_MS })
  // The gateway has written down what it refused since.
  const refused = async () => {
    const [row] = await stack.sql<[{ n: number }]>`
      SELECT coalesce(sum(quantity), 0)::int AS n FROM outcome_hour WHERE project_id = 0 AND outcome = 'unauthorized'`
    return row.n
  }
  await waitFor('the ledger of the door', async () => (await refused()) > 0, WAIT_MS)
  expect(await rowsOf(stack, doomed)).toEqual(Object.fromEntries(Object.keys(before).map((table) => [table, 0])))
  expect(await stored(other)).toBe(accepted)
  expect(await recount(stack.sql, other)).toEqual([])
})

test('what comes in for a project that is gone leaves with its job', async () => {
  const late = await addProject(stack, 'Late')
  const [worker] = stack.workers
  worker?.signal('SIGSTOP')
  await post(late)
  // As if a gateway that had not heard of it committed after the last row was deleted.
  await stack.sql`DELETE FROM project WHERE id = ${late.id}`
  worker?.signal('SIGCONT')
  await waitFor('the end of its job', async () => (await rowsOf(stack, late)).jobs === 0, WAIT_MS)
  expect(Object.values(await rowsOf(stack, late)).every((count) => count === 0)).toBe(true)
})

test('what a worker has in hand when a project is deleted is written, and goes with the rest', async () => {
  const held = await addProject(stack, 'Held')
  const counter = await countStatements(stack.databaseUrl)
  const { db, close } = connect(counter.url, { poolSize: 1, name: 'deletion' })
  onTestFinished(async () => {
    await close()
    await counter.close()
  })
  const [writing, settling] = [await stack.sql.reserve(), await stack.sql.reserve()]
  await writing`BEGIN`
  await writing`LOCK TABLE seen IN EXCLUSIVE MODE`
  // No event: without its issue, one of those is not written anyway.
  const checkIn = [{}, { type: 'check_in' }, { monitor_slug: 'nightly', status: 'ok' }]
  await postEnvelope(stack.gatewayUrl, held, checkIn.map((line) => JSON.stringify(line)).join('\n'))
  await waitForLock(/INSERT INTO seen/)
  await settling`BEGIN`
  await settling`SELECT FROM pgboss.job WHERE data->>'project_id' = ${held.id} FOR UPDATE`
  await writing`ROLLBACK`
  writing.release()
  await waitForLock(/pgboss/)
  await beginDeletion(stack.db, held.id)
  let isOver = false
  const finished = finishDeletions(db).finally(() => {
    isOver = true
  })
  let rounds = 0
  await waitFor('some rounds, or the end', () => {
    rounds += counter.take('deletion').filter((text) => text.includes('AS held')).length
    return isOver || rounds > 2
  })
  await settling`ROLLBACK`
  settling.release()
  await finished
  await waitFor('the end of its job', async () => (await rowsOf(stack, held)).jobs === 0, WAIT_MS)
  expect(Object.values(await rowsOf(stack, held)).every((count) => count === 0)).toBe(true)
})

/** Until the worker waits for somebody in such a statement. */
async function waitForLock(statement: RegExp): Promise<void> {
  await waitFor(`a worker in ${statement}`, async () => {
    const rows = await stack.sql<{ query: string }[]>`
      SELECT query FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'rumen worker'`
    return rows.some(({ query }) => statement.test(query))
  })
}
