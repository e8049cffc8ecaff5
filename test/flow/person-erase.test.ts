import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { countStatements } from '../database/statement-counter.ts'
import { openGate } from '../database/statement-gate.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { digestOf } from '../support/digest-of.ts'
import { ADA, BOB, textsOf, tracesIn, tracesOf, userOf } from '../support/person-traces.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Posted, postSteadily } from '../support/post-steadily.ts'
import { recount } from '../support/recount.ts'
import { runCommand, startCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 })

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(async () => {
  await stack.stop()
})

async function send(project: AddedProject, body: string): Promise<void> {
  const response = await postEnvelope(stack.gatewayUrl, project, body)
  expect([response.status, await response.text()]).toEqual([200, expect.anything()])
}

/** How many users its sessions have, and their hours: keys, which no name is found in. */
async function sessionUsersOf({ id }: AddedProject) {
  const [row] = await stack.sql`
    SELECT (SELECT count(DISTINCT did)::int FROM session WHERE project_id = ${id}) AS sessions,
      (SELECT count(DISTINCT did)::int FROM session_user_hour WHERE project_id = ${id}) AS hours`
  return row
}

/** A keeper of each report, as retention makes it. */
async function keepAll({ id }: AddedProject): Promise<void> {
  await stack.sql`
    INSERT INTO keeper SELECT r.project_id, grouping_id, r.event_id, r.day, archive_hash, item_index, occurred_at, r.received_at,
      endpoint, content_type, encoding, client_ip, user_agent, sentry_client, query_release, query_environment, wire_bytes, body
    FROM report AS r JOIN archive ON archive.project_id = r.project_id AND archive.day = r.day AND hash = archive_hash
    WHERE r.project_id = ${id}`
}

async function rumen(line: string): Promise<string> {
  const { code, output, errors } = await runCommand(line, stack.databaseUrl)
  expect([code, errors]).toEqual([0, ''])
  return output.trim()
}

/** Without what is said of their issue, which more people met. */
async function reportsOf({ id }: AddedProject) {
  const rows = await stack.sql`SELECT * FROM analytics.reports WHERE project_id = ${id} ORDER BY event_id`
  return rows.map(({ title: _title, culprit: _culprit, ...row }) => row)
}

/** Two projects with the same two people, who met a bug together and one alone. */
async function fillTwo(name: string): Promise<[AddedProject, AddedProject]> {
  const [project, other] = [await addProject(stack, name), await addProject(stack, `${name} 2`)]
  for (const one of [project, other]) {
    for (const user of [ADA, BOB]) {
      for (const bug of ['Shared', user.username.slice(0, 5)])
        for (const body of tracesOf(user, bug)) await send(one, body)
    }
  }
  for (const one of [project, other]) {
    await digestOf(stack, one)
    await keepAll(one)
  }
  return [project, other]
}

const EVERYWHERE = ['body', 'dim_user', 'feedback', 'issue', 'issue_tag', 'tag']

test('nothing of an erased person is left, and everything of everybody else', async () => {
  const [project, other] = await fillTwo('Erase')
  expect(await recount(stack.sql, project)).toEqual([])
  for (const user of [ADA, BOB])
    expect(await tracesIn(stack, project, user)).toEqual(expect.arrayContaining(EVERYWHERE))
  const [ofOther, ofBob] = [
    await textsOf(stack, other),
    (await reportsOf(project)).filter((row) => row.user_id === BOB.id),
  ]
  const bobs = async () =>
    (await textsOf(stack, project)).filter(([, text]) => text.includes(BOB.email) || text.includes(BOB.id))
  const before = await bobs()
  expect(await sessionUsersOf(project)).toEqual({ sessions: 2, hours: 2 })

  const [receipt] = JSON.parse(await rumen(`person erase ${ADA.email} --project ${project.id} --yes --json`))
  expect(receipt).toMatchObject({
    matched_by: 'email',
    known: true,
    project_id: project.id,
    finished_at: expect.any(String),
  })
  expect(receipt.erased).toMatchObject({ report: 6, archive: 16, attachment: 2, feedback: 4, session: 2 })
  expect(await tracesIn(stack, project, ADA)).toEqual([])
  expect(await sessionUsersOf(project)).toEqual({ sessions: 1, hours: 1 })
  expect(await bobs()).toEqual(before)
  expect((await reportsOf(project)).filter((row) => row.user_id === BOB.id)).toEqual(ofBob)
  expect(await recount(stack.sql, project)).toEqual([])
  const erased = await stack.sql`
    SELECT DISTINCT body, client_ip, user_agent, sentry_client, query_release FROM archive
    WHERE project_id = ${project.id} AND erased_at IS NOT NULL`
  expect(erased).toEqual([{ body: null, client_ip: null, user_agent: null, sentry_client: null, query_release: null }])
  const titles = await stack.sql`SELECT title FROM issue WHERE project_id = ${project.id} ORDER BY number`
  expect(titles.map(({ title }) => title)).toContain('Shared: no mail for [erased]')
  expect(await textsOf(stack, other)).toEqual(ofOther)

  const receipts = await rumen(`person receipts --project ${project.id}`)
  expect(receipts).toContain(receipt.subject_hash)
  for (const name of Object.values(ADA)) expect(receipts).not.toContain(name)
})

test('what is sent again or digested again does not come back, and is accounted for', async () => {
  const project = await addProject(stack, 'Again')
  const bodies = tracesOf(ADA, 'Again')
  for (const body of bodies) await send(project, body)
  await digestOf(stack, project)
  await rumen(`person erase ${ADA.id} --project ${project.id} --yes`)
  for (const body of bodies) await send(project, body)
  await stack.sql`
    INSERT INTO pgboss.job (name, data)
    SELECT 'digest', jsonb_build_object('project_id', project_id::text, 'day', day::text, 'hash', encode(hash, 'hex'))
    FROM archive WHERE project_id = ${project.id}`
  const { reports, outcomes } = await digestOf(stack, project)
  expect(reports).toEqual([])
  expect(outcomes['archive filtered']).toBe(bodies.length)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
})

test('what still waits in the queue is erased, and its jobs end', async () => {
  const project = await addProject(stack, 'Waiting')
  const [worker] = stack.workers
  worker?.signal('SIGSTOP')
  onTestFinished(() => worker?.signal('SIGCONT'))
  const bodies = [...tracesOf(ADA, 'Waiting'), ...tracesOf(BOB, 'Waiting')]
  for (const body of bodies) await send(project, body)
  expect(await rumen(`person erase ${ADA.id} --by id --project ${project.id} --yes`)).toContain(
    'no event names anybody so',
  )
  worker?.signal('SIGCONT')
  const { outcomes } = await digestOf(stack, project)
  expect(outcomes['archive filtered']).toBeGreaterThanOrEqual(6)
  const named = (await textsOf(stack, project)).filter(([, text]) => text.includes(ADA.id))
  expect(named).toEqual([])
  expect((await reportsOf(project)).filter((row) => row.user_id === BOB.id)).toHaveLength(3)
})

test('what a worker has read before and writes afterwards is erased, too', async () => {
  const project = await addProject(stack, 'Held')
  const counter = await countStatements(stack.databaseUrl)
  onTestFinished(counter.close)
  const lock = await stack.sql.reserve()
  await lock`BEGIN`
  await lock`LOCK TABLE seen IN EXCLUSIVE MODE`
  const bodies = tracesOf(ADA, 'Held')
  for (const body of bodies) await send(project, body)
  await waitFor('a worker that is about to write', async () => {
    const [row] = await stack.sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'INSERT INTO seen'`
    return row
  })
  const erasing = startCommand(`person erase ${ADA.email} --project ${project.id} --yes`, counter.url)
  const waits = () => counter.take('rumen person').some((text) => text.includes('job.retry_count = r.retry_count'))
  await waitFor('an erasure that waits for the worker', waits, 60_000)
  await lock`ROLLBACK`
  lock.release()
  expect(await erasing.ended).toMatchObject({ code: 0, errors: '' })
  await digestOf(stack, project)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
  expect(await reportsOf(project)).toEqual([])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('somebody nobody knows is erased from nothing', async () => {
  const project = await addProject(stack, 'Nobody')
  const [receipt] = JSON.parse(await rumen(`person erase nobody@example.org --project ${project.id} --yes --json`))
  expect(receipt).toMatchObject({ matched_by: 'email', known: false, erased: {} })
})

test('an erasure killed half-way while events come in is finished under its receipt', async () => {
  const [project] = await fillTwo('Killed')
  const post = async (): Promise<Posted> => {
    const event = makeEvent({ user: userOf(BOB), release: 'shop@1', tags: { flavour: 'sweet' } })
    const end = (status: number | null): Posted => ({ eventId: event.event_id, status, ms: 0 })
    return await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event)).then(
      ({ status }) => end(status),
      () => end(null),
    )
  }
  const load = postSteadily(20, post)
  const gate = await openGate(stack.databaseUrl)
  const reached = gate.closeAt({ application: 'rumen person', statement: /DELETE FROM report/, at: 'answer' })
  const first = startCommand(`person erase ${ADA.email} --project ${project.id} --yes`, gate.url)
  await reached
  first.child.kill('SIGKILL')
  await first.ended
  await gate.remove()
  const [begun] = JSON.parse(await rumen(`person receipts --project ${project.id} --json`))
  expect(begun).toMatchObject({ finished_at: null })
  // The session of whoever was killed, and its lock, are gone once the server knows.
  const finish = () => runCommand(`person erase ${ADA.email} --project ${project.id} --yes --json`, stack.databaseUrl)
  const { output } = await waitFor('the end of it', async () => {
    const ended = await finish()
    return ended.code === 0 && ended
  })
  const [receipt] = JSON.parse(output)
  expect(receipt).toMatchObject({ requested_at: begun.requested_at, subject_hash: begun.subject_hash })
  expect(receipt.erased).toMatchObject({ report: 6, archive: 16 })
  const posted = await load.stop()
  await waitFor('the rest', async () => (await reportsOf(project)).length === 6 + posted.length, 60_000)
  expect(await tracesIn(stack, project, ADA)).toEqual([])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('a person who goes on is somebody new: later events have a user of their own', async () => {
  const project = await addProject(stack, 'Later')
  for (const body of tracesOf(ADA, 'Later')) await send(project, body)
  await digestOf(stack, project)
  await rumen(`person erase ${ADA.email} --project ${project.id} --yes`)
  const [event] = tracesOf(ADA, 'Later')
  await send(project, event ?? '')
  const { reports } = await digestOf(stack, project)
  expect(reports).toEqual([expect.objectContaining({ user_id: ADA.id, user_email: ADA.email })])
  expect(await recount(stack.sql, project)).toEqual([])
})

test('an export has everything of a person, and nothing of anybody else', async () => {
  const [project] = await fillTwo('Export')
  const printed = (await rumen(`person export ${ADA.username} --project ${project.id}`)).split('\n')
  const rows = printed.map((line) => JSON.parse(line))
  const kinds = Map.groupBy(rows, ({ kind }) => kind)
  expect(rows[0]).toMatchObject({ kind: 'person', matched_by: 'username', id: [ADA.id], email: [ADA.email] })
  expect(kinds.get('report')?.map((row) => row.user_id)).toEqual(Array(6).fill(ADA.id))
  expect(kinds.get('session')).toHaveLength(2)
  expect(kinds.get('feedback')?.length).toBeGreaterThanOrEqual(4)
  expect(kinds.get('attachment')?.length).toBeGreaterThanOrEqual(2)
  expect(kinds.get('transaction_event')).toHaveLength(2)
  expect(kinds.get('archive')?.some(({ text }) => text.includes('replay_id'))).toBe(true)
  for (const name of Object.values(BOB)) expect(printed.join('\n')).not.toContain(name)
  const all = JSON.parse(await rumen(`person export ${ADA.username} --project ${project.id} --json`))
  expect(all).toHaveLength(rows.length)
})
