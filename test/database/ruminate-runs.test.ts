import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { postMany } from '../faults/post-many.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { runCommand, startCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { countAnew, storedOf } from '../support/stored-of.ts'
import { waitForReports } from '../support/wait-for-reports.ts'
import { openGate } from './statement-gate.ts'

/** Each test runs some commands, and each of those is a process that loads its own code. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const POISON = { NODE_OPTIONS: `--import=${new URL('../faults/fixtures/poison.ts', import.meta.url).href}` }

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(() => stack.stop())

async function post(project: AddedProject, given: Readonly<Record<string, unknown>>): Promise<string> {
  const event = makeEvent(given)
  expect((await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event))).status).toBe(200)
  return event.event_id
}

/** A project with an event for each of these, each of an issue of its own. */
async function makeProject(name: string, events: readonly Readonly<Record<string, unknown>>[]) {
  const project = await addProject(stack, name)
  const ids: string[] = []
  for (const [at, event] of events.entries()) {
    const value = ['one', 'two', 'three', 'four', 'five'][at] ?? ''
    const exception = { values: [{ type: `Error${value}`, value }] }
    ids.push(await post(project, { user: { id: value }, release: `a@${at}`, exception, ...event }))
    await waitForReports(stack, project, { count: at + 1 })
  }
  return { project, ids }
}

async function ruminate(project: AddedProject, environment = {}) {
  const ended = await runCommand(`ruminate --project ${project.id} --yes --json`, stack.databaseUrl, { environment })
  expect(ended).toMatchObject({ code: 0, errors: '' })
  return JSON.parse(ended.output)
}

/** Takes an event's report away as if it had never been counted: nobody remembers it either. */
async function forget(project: AddedProject, ids: readonly string[]): Promise<void> {
  await stack.sql`DELETE FROM report WHERE project_id = ${project.id} AND event_id::text = ANY (${ids.map(dashed)})`
  await countAnew(stack.sql, project)
}

function dashed(id: string | undefined): string {
  return (id ?? '').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

test('what was rejected and can be read now is stored; its error is gone, and the ledger says so', async () => {
  const { project, ids } = await makeProject('Rejected', [{}, {}])
  const before = await storedOf(stack.sql, project)
  const [, id] = ids
  await stack.sql`
    INSERT INTO digest_error (project_id, day, archive_hash, item_index, item_type, event_id, code, message)
    SELECT project_id, day, archive_hash, 0, 'event', event_id, 'bad_json', 'an older version could not read this'
    FROM report WHERE project_id = ${project.id} AND event_id = ${dashed(id)}`
  await stack.sql`
    INSERT INTO outcome (project_id, day, item_type, outcome, reason, quantity)
    VALUES (${project.id}, CURRENT_DATE, 'event', 'rejected', 'bad_json', 1), (${project.id}, CURRENT_DATE, 'event', 'stored', NULL, -1)`
  await stack.sql`DELETE FROM seen WHERE project_id = ${project.id} AND key = ${dashed(id)}`
  await forget(project, [id ?? ''])
  expect(await ruminate(project)).toMatchObject({ rewritten: { added: { report: 1 }, cured: 1 } })
  expect(await recount(stack.sql, project)).toEqual([])
  expect(await storedOf(stack.sql, project)).toEqual(before)
  // A resend of it is a duplicate.
  await post(project, { event_id: id, extra: { again: true } })
  await post(project, {})
  await waitForReports(stack, project, { count: 3 })
  const [row] = await stack.sql`SELECT count(*)::int AS reports FROM report WHERE project_id = ${project.id}`
  expect(row?.reports).toBe(3)
})

test('what was deleted or erased stays away, and what comes back changes no status and no timeline', async () => {
  const { project, ids } = await makeProject('Deleted', [{}, {}, {}, {}])
  const [deleted, erased, resolved, muted] = ids
  // The same event came in a second archive, which nobody suppressed.
  await post(project, { event_id: deleted, extra: { second: true } })
  // Nothing but its own place says of this one whose it is: its envelope names no event.
  const nameless = makeEvent({ exception: { values: [{ type: 'Last' }] } })
  const body = makeEnvelope(nameless, { event_id: undefined })
  expect((await postEnvelope(stack.gatewayUrl, project, body)).status).toBe(200)
  await waitForReports(stack, project, { count: 5 })
  for (const line of ['resolve deleted-3', 'mute deleted-4 --events 1']) {
    expect(await runCommand(`issue ${line}`, stack.databaseUrl)).toMatchObject({ code: 0 })
  }
  const all = await storedOf(stack.sql, project)
  await stack.sql`
    INSERT INTO suppressed (project_id, day, archive_hash, item_index, reason)
    SELECT project_id, day, archive_hash, item_index, 'issue_deleted' FROM report
    WHERE project_id = ${project.id} AND event_id IN (${dashed(deleted)}, ${nameless.event_id})`
  await stack.sql`
    UPDATE archive SET body = NULL, erased_at = now() WHERE project_id = ${project.id} AND event_id = ${dashed(erased)}`
  await forget(project, [deleted ?? '', erased ?? '', nameless.event_id])
  const gone = await storedOf(stack.sql, project)
  await forget(project, [resolved ?? '', muted ?? ''])
  expect(await ruminate(project)).toMatchObject({ rewritten: { added: { report: 2 } } })
  expect(await storedOf(stack.sql, project)).toMatchObject({
    ...gone,
    issue: expect.anything(),
    activity: all.activity,
  })
  const issues = await stack.sql`
    SELECT number::int, status, event_count::int AS events FROM issue WHERE project_id = ${project.id} ORDER BY number`
  expect(issues.map(({ number, status, events }) => `${number} ${status} ${events}`)).toEqual([
    '1 unresolved 0',
    '2 unresolved 0',
    '3 resolved 1',
    '4 muted 1',
    // Of the second archive: its event was there already.
    '5 unresolved 0',
    '6 unresolved 0',
  ])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('an archive that never comes to an end costs itself only', async () => {
  const { project, ids } = await makeProject('Hostile', [{}, { extra: { poison: 'loop' } }, {}])
  await stack.sql`UPDATE report SET level = 0 WHERE project_id = ${project.id}`
  await countAnew(stack.sql, project)
  expect(await ruminate(project, POISON)).toMatchObject({
    rewritten: { archives: 3, unreadable: 1, changed: { report: 2 }, removed: {} },
  })
  const left = await stack.sql`SELECT event_id FROM report WHERE project_id = ${project.id} AND level = 0`
  expect(left.map(({ event_id }) => event_id)).toEqual([dashed(ids[1])])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('a run that is killed is taken up where it stopped, and nobody runs beside it', async () => {
  const project = await addProject(stack, 'Killed')
  await postMany({ gatewayUrl: stack.gatewayUrl, project }, 1_200)
  await waitForReports(stack, project, { count: 1_200, msMax: 100_000 })
  const before = await storedOf(stack.sql, project)
  await stack.sql`UPDATE report SET level = 0, tag_ids = '{}', sdk_id = 1 WHERE project_id = ${project.id}`
  await countAnew(stack.sql, project)
  const gate = await openGate(stack.databaseUrl)
  const reached = gate.closeAt({
    application: 'rumen',
    statement: /UPDATE report SET \("item_index"/,
    // The last statement of the chunk before.
    following: /user_count = greatest/,
    at: 'call',
  })
  const line = `ruminate --project ${project.id} --yes`
  const first = startCommand(line, gate.url)
  await reached
  expect(await runCommand(line, stack.databaseUrl)).toEqual({
    code: 1,
    output: '',
    errors: `rumen: project ${project.id} is being ruminated by another \`rumen ruminate\`: wait for its end, or stop it\n`,
  })
  first.child.kill('SIGKILL')
  await first.ended
  await gate.remove()
  const [half] = await stack.sql`
    SELECT count(*)::int AS left FROM report WHERE project_id = ${project.id} AND level = 0`
  expect(half?.left).toBe(700)
  expect(await recount(stack.sql, project)).toEqual([])
  const second = await runCommand(line, stack.databaseUrl)
  expect(second).toMatchObject({
    code: 0,
    errors: expect.stringContaining(' 500 archives done; --restart begins anew'),
  })
  expect(second.output).toContain('1200 archives digested again.\nRows changed: report 1200.')
  expect(await storedOf(stack.sql, project)).toEqual(before)
  expect(await recount(stack.sql, project)).toEqual([])
  // It has come to its end: the same again begins anew.
  expect(await ruminate(project)).toMatchObject({ rewritten: { archives: 1_200, changed: {} } })
})

test.for([
  ['before', 'call', 2],
  ['after', 'answer', 0],
] as const)('killed right %s its COMMIT, a run goes on as if it had not been', async ([when, at, left]) => {
  const { project } = await makeProject(`Killed ${when}`, [{}, {}])
  const before = await storedOf(stack.sql, project)
  await stack.sql`UPDATE report SET level = 0 WHERE project_id = ${project.id}`
  await countAnew(stack.sql, project)
  const gate = await openGate(stack.databaseUrl)
  const reached = gate.closeAt({ application: 'rumen', statement: /^commit/i, following: /UPDATE report SET/, at })
  const line = `ruminate --project ${project.id} --yes`
  const first = startCommand(line, gate.url)
  await reached
  first.child.kill('SIGKILL')
  await first.ended
  await gate.remove()
  const wrong = await stack.sql`SELECT FROM report WHERE project_id = ${project.id} AND level = 0`
  expect(wrong).toHaveLength(left)
  const second = await runCommand(line, stack.databaseUrl)
  expect(second).toMatchObject({ code: 0, errors: expect.stringContaining('goes on with project') })
  expect(second.output).toContain('2 archives digested again.\nRows changed: report 2.')
  expect(await storedOf(stack.sql, project)).toEqual(before)
  expect(await recount(stack.sql, project)).toEqual([])
})

test('what nobody has digested yet is left to the workers', async () => {
  const { project } = await makeProject('Waiting', [{}])
  for (const worker of stack.workers) await worker.stop()
  await post(project, { exception: { values: [{ type: 'New' }] } })
  expect(await ruminate(project)).toMatchObject({ rewritten: { archives: 2, waiting: 1, added: {} } })
  const [row] = await stack.sql`SELECT count(*)::int AS reports FROM report WHERE project_id = ${project.id}`
  expect(row?.reports).toBe(1)
})
