import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { findIssue } from '@rumen/db/issue/find-issue'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBooks } from '../faults/books.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { digestOf } from '../support/digest-of.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { countStatuses, type Posted, postSteadily } from '../support/post-steadily.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

const MINUTE_MS = 60_000

let stack: Stack

beforeAll(async () => {
  // One worker: what it remembers of one event is what it knows when the next one comes.
  stack = await startStack()
})

afterAll(() => stack?.stop())

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * MINUTE_MS)
}

/** Posts an event of the project's one bug, and waits until it is digested. */
async function happen(project: AddedProject, { at = new Date(), release }: { at?: Date; release?: string } = {}) {
  const event = makeEvent({ timestamp: at.getTime() / 1000, ...(release === undefined ? {} : { release }) })
  const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event))
  expect(response.status).toBe(200)
  const { reports } = await digestOf(stack, project)
  expect(reports.map(({ event_id }) => event_id)).toContain(event.event_id)
}

/** A project of its own with an issue that has happened once, half an hour ago. */
async function beginIssue(name: string): Promise<{ project: AddedProject; issue: IssueAddress }> {
  const project = await addProject(stack, name)
  await happen(project, { at: minutesAgo(30), release: 'shop@1.0.0' })
  return { project, issue: await issueOf(project, 1) }
}

async function issueOf({ slug }: AddedProject, number: number): Promise<IssueAddress> {
  const issue = await findIssue(stack.db, { slug, number })
  if (!issue) throw new Error(`there is no issue ${slug}-${number}`)
  return issue
}

/** Its status with what is left of the terms of another, its events, and what happened to it. */
async function stateOf({ projectId, issueId }: IssueAddress) {
  const [row] = await stack.sql`
    SELECT status, event_count::int AS events,
      num_nonnulls(resolved_at, resolved_in_release, muted_until, muted_until_count) AS terms
    FROM issue WHERE project_id = ${projectId} AND id = ${issueId}`
  const timeline = await stack.sql`
    SELECT kind, data FROM activity WHERE project_id = ${projectId} AND issue_id = ${issueId} ORDER BY id`
  return { ...row, timeline: timeline.map(({ kind, data }) => [kind, data]) }
}

describe('a resolved issue', () => {
  test('is reopened by the next event, and its timeline names the release', async () => {
    const { project, issue } = await beginIssue('Resolved')
    expect(await resolveIssue(stack.db, { ...issue, now: minutesAgo(10) })).toBe('changed')
    await happen(project, { release: 'shop@1.1.0' })
    await happen(project, { release: 'shop@1.2.0' })
    expect(await stateOf(issue)).toEqual({
      ...{ status: 'unresolved', events: 3, terms: 0 },
      timeline: [
        ['resolved', { in_release: null }],
        ['regressed', { release: 'shop@1.1.0', resolved_in_release: null }],
      ],
    })
  })

  test('stays so for what happened before it was resolved, and counts it', async () => {
    const { project, issue } = await beginIssue('Late')
    await resolveIssue(stack.db, { ...issue, now: minutesAgo(10) })
    await happen(project, { at: minutesAgo(20), release: 'shop@1.1.0' })
    expect(await stateOf(issue)).toEqual({
      ...{ status: 'resolved', events: 2, terms: 1 },
      timeline: [['resolved', { in_release: null }]],
    })
  })

  test('in a release is reopened by that one or a later one, not by the older ones people keep running', async () => {
    const { project, issue } = await beginIssue('In a release')
    const inRelease = 'shop@2.0.0'
    await resolveIssue(stack.db, { ...issue, inRelease, now: minutesAgo(10) })
    await happen(project, { release: 'shop@1.9.3' })
    const resolved = ['resolved', { in_release: inRelease }]
    expect(await stateOf(issue)).toEqual({ status: 'resolved', events: 2, terms: 2, timeline: [resolved] })
    await happen(project, { release: 'shop@2.0.1' })
    expect(await stateOf(issue)).toEqual({
      ...{ status: 'unresolved', events: 3, terms: 0 },
      timeline: [resolved, ['regressed', { release: 'shop@2.0.1', resolved_in_release: inRelease }]],
    })
  })
})

describe('a muted issue', () => {
  test('for a number of events is there again with the last of them', async () => {
    const { project, issue } = await beginIssue('By volume')
    await muteIssue(stack.db, { ...issue, forEvents: 3, now: minutesAgo(10) })
    const muted = ['muted', { until: null, events: 3 }]
    for (const events of [2, 3]) {
      await happen(project)
      expect(await stateOf(issue)).toEqual({ status: 'muted', events, terms: 1, timeline: [muted] })
    }
    await happen(project)
    expect(await stateOf(issue)).toEqual({
      ...{ status: 'unresolved', events: 4, terms: 0 },
      timeline: [muted, ['unmuted', { reason: 'volume' }]],
    })
  })

  test('until a moment is there again with the first event after it', async () => {
    const { project, issue } = await beginIssue('By time')
    const until = minutesAgo(1)
    await muteIssue(stack.db, { ...issue, until, now: minutesAgo(10) })
    await happen(project)
    expect(await stateOf(issue)).toEqual({
      ...{ status: 'unresolved', events: 2, terms: 0 },
      timeline: [
        ['muted', { until: until.toISOString(), events: null }],
        ['unmuted', { reason: 'time' }],
      ],
    })
  })

  test('for good stays so, and so does one whose moment has not come', async () => {
    const { project, issue } = await beginIssue('For good')
    await muteIssue(stack.db, { ...issue, now: minutesAgo(10) })
    for (let times = 0; times < 3; times++) await happen(project)
    expect(await stateOf(issue)).toMatchObject({ status: 'muted', events: 4, terms: 0 })
    await muteIssue(stack.db, { ...issue, until: minutesAgo(-60), now: minutesAgo(5) })
    await happen(project)
    expect(await stateOf(issue)).toMatchObject({ status: 'muted', events: 5, terms: 1 })
  })
})

describe('a deleted issue', () => {
  const reportsOf = async ({ id }: AddedProject) =>
    await stack.sql`SELECT issue, event_id FROM analytics.reports WHERE project_id = ${id}`

  test('is gone with its reports; when it happens again it is a new one with the next number, time and again', async () => {
    const { project, issue } = await beginIssue('Deleted')
    await happen(project)
    for (const [last, next] of [
      [1, 2],
      [2, 3],
    ] as const) {
      expect(await deleteIssue(stack.db, await issueOf(project, last))).toBe('deleted')
      expect(await reportsOf(project)).toEqual([])
      // The worker remembers the key of the one that is gone.
      await happen(project, { release: 'shop@1.0.0' })
      expect(await reportsOf(project)).toMatchObject([{ issue: `deleted-${next}` }])
      expect(await stateOf(await issueOf(project, next))).toEqual({
        ...{ status: 'unresolved', events: 1, terms: 0 },
        timeline: [],
      })
    }
    expect(await findIssue(stack.db, { slug: project.slug, number: 1 })).toBeNull()
    expect(await resolveIssue(stack.db, { ...issue, now: new Date() })).toBe('unknown_issue')
    const counts = await stack.sql`
      SELECT (SELECT count(*)::int FROM issue WHERE project_id = ${project.id}) AS issues,
        (SELECT count(*)::int FROM grouping WHERE project_id = ${project.id}) AS groupings,
        (SELECT count(*)::int FROM issue_hour WHERE project_id = ${project.id}) AS hours`
    expect(counts).toEqual([{ issues: 1, groupings: 1, hours: 1 }])
    for (const worker of stack.workers) expect(worker.output()).toBe('')
  })

  test('takes nothing with it of others whose events came in the same batch', async () => {
    const { project, issue } = await beginIssue('Together')
    const [worker] = stack.workers
    worker?.signal('SIGSTOP')
    for (const bug of ['Error', 'TypeError', 'Error']) await postBug(project, bug)
    expect(await deleteIssue(stack.db, issue)).toBe('deleted')
    worker?.signal('SIGCONT')
    await digestOf(stack, project)
    const counts = await stack.sql`
      SELECT title, event_count::int AS events FROM issue WHERE project_id = ${project.id} ORDER BY title`
    expect(counts).toEqual([
      { title: 'Error: boom', events: 2 },
      { title: 'TypeError: boom', events: 1 },
    ])
  })
})

/** Posts an event of a bug by its name. */
async function postBug(project: AddedProject, bug: string): Promise<Posted> {
  const startMs = performance.now()
  const event = makeBug(bug)
  const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event))
  await response.arrayBuffer()
  return { eventId: event.event_id, status: response.status, ms: performance.now() - startMs }
}

function makeBug(bug: string) {
  const exception = { type: bug, value: 'boom', stacktrace: { frames: [frame('app.js', 'main')] } }
  return makeEvent({ exception: { values: [exception] }, user: { id: bug }, tags: { bug } })
}

/** The issue of a bug, while there is one. */
async function issueOfBug({ id }: AddedProject, bug: string) {
  const [row] = await stack.sql<{ number: number; status: string; events: number }[]>`
    SELECT number::int, status, event_count::int AS events FROM issue
    WHERE project_id = ${id} AND type = ${bug} AND status <> 'deleting' AND event_count > 0`
  return row
}

test('issues that people resolve, mute and delete while two workers digest more of them are counted exactly', async () => {
  const project = await addProject(stack, 'Streaming')
  await stack.addWorker({ WORKER_REPORTS_BATCH_SIZE: '20' })
  const before = await readBooks(stack.sql)
  let posted = 0
  const stream = postSteadily(60, () => postBug(project, posted++ % 2 === 0 ? 'KeptError' : 'DoomedError'))

  const becomesOpen = () =>
    waitFor('the issue to come back', async () => (await issueOfBug(project, 'KeptError'))?.status === 'unresolved')
  await becomesOpen()
  const kept = await issueOf(project, (await issueOfBug(project, 'KeptError'))?.number ?? 0)
  const happened: string[] = []
  for (let times = 0; times < 4; times++) {
    expect(await resolveIssue(stack.db, { ...kept, now: new Date() })).toBe('changed')
    await becomesOpen()
    expect(await muteIssue(stack.db, { ...kept, forEvents: 5, now: new Date() })).toBe('changed')
    const doomed = await waitFor('an issue to delete', () => issueOfBug(project, 'DoomedError'))
    expect(await deleteIssue(stack.db, await issueOf(project, doomed.number))).toBe('deleted')
    await becomesOpen()
    happened.push('resolved', 'regressed', 'muted', 'unmuted')
  }
  const posts = await stream.stop()
  expect(countStatuses(posts)).toEqual({ 200: posted })
  await digestOf(stack, project)

  const { stored, seen, ...books } = await readBooks(stack.sql)
  expect({ stored: stored - before.stored, seen: seen - before.seen }).toEqual({ stored: posted, seen: posted })
  expect(books).toMatchObject({ wrongIssues: 0, wrongHours: 0, wrongTags: 0, jobs: 0, dead: 0 })
  expect(await stateOf(kept)).toMatchObject({ status: 'unresolved', events: Math.ceil(posted / 2) })
  const { timeline } = await stateOf(kept)
  expect(timeline.map(([kind]) => kind)).toEqual(happened)
  // What is left of the other one is what came after it was deleted the last time.
  const doomed = await issueOfBug(project, 'DoomedError')
  const reports = await stack.sql`
      SELECT exception_type AS bug, count(*)::int AS n FROM analytics.reports WHERE project_id = ${project.id} GROUP BY 1`
  expect(Object.fromEntries(reports.map(({ bug, n }) => [bug, n]))).toEqual({
    KeptError: Math.ceil(posted / 2),
    ...(doomed ? { DoomedError: doomed.events } : {}),
  })
  const [rows] = await stack.sql`SELECT count(*)::int AS n FROM report WHERE project_id = ${project.id}`
  expect(rows?.n).toBe(reports.reduce((sum, { n }) => sum + n, 0))
  expect(await stack.sql`SELECT code FROM digest_error`).toEqual([])
}, 60_000)
