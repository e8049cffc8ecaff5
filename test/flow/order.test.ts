import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBooks } from '../faults/books.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

const MINUTE_MS = 60_000
const EVENTS = 240
const SESSIONS = 40

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  // Small batches, and workers that take them from each other.
  await Promise.all([1, 2].map(() => stack.addWorker({ WORKER_REPORTS_BATCH_SIZE: '7' })))
})

afterAll(() => stack?.stop())

/** A stream in the order it happened: events of six bugs, and sessions that begin, go on and end one way or another. */
function makeStream(): string[] {
  // To the second, so that some moments are shared.
  const start = Math.floor(Date.now() / 1000) * 1000 - 30 * MINUTE_MS
  const events = Array.from({ length: EVENTS }, (_, n) => {
    const bug = n % 6
    return makeEnvelope(
      makeEvent({
        timestamp: (start + Math.floor(n / 3) * 1000) / 1000,
        level: ['error', 'warning', 'fatal', 'info'][n % 4],
        release: n % 5 === 0 ? undefined : `shop@1.${Math.floor(n / 40)}.0`,
        user: n % 7 === 0 ? undefined : { id: `${n % 11}` },
        tags: { flavour: ['sweet', 'sour', 'salty'][n % 3], step: `${n % 13}` },
        exception: {
          values: [{ type: `Bug${'abcdef'[bug]}`, value: 'boom', stacktrace: { frames: [frame('app.js', 'main')] } }],
        },
      }),
    )
  })
  return [...events, ...Array.from({ length: SESSIONS }, (_, n) => sessionUpdates(n, start)).flat()]
}

/** The updates of one session, each in an envelope of its own. */
function sessionUpdates(n: number, start: number): string[] {
  const sid = `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
  const started = new Date(start + n * MINUTE_MS * 0.5).toISOString()
  const ends = ['exited', 'crashed', 'abnormal', 'unhandled', 'ok']
  const update = (seq: number, status: string, errors: number) => ({
    ...{ sid, seq, status, errors, started, init: seq === 0 },
    did: seq === 0 ? undefined : `user-${n % 9}`,
    timestamp: new Date(start + n * MINUTE_MS * 0.5 + seq * 1000).toISOString(),
    attrs: { release: `shop@1.${n % 3}.0`, environment: n % 2 === 0 ? 'production' : undefined },
  })
  const updates = [update(0, 'ok', 0), update(1, 'ok', n % 4 === 0 ? 1 : 0), update(2, ends[n % 5] ?? 'ok', n % 4)]
  // What comes after an end changes nothing.
  const late = n % 5 === 1 ? [update(3, 'exited', 0)] : []
  return [...updates, ...late].map((one) => `{}\n{"type":"session"}\n${JSON.stringify(one)}`)
}

/** Far from its order, with every fourth request sent again, as it was or in other bytes. */
function disturb(stream: readonly string[]): (string | Uint8Array<ArrayBuffer>)[] {
  const again = stream.flatMap((body, n) => (n % 4 === 0 ? [n % 8 === 0 ? body : new Uint8Array(gzipSync(body))] : []))
  return [...stream, ...again].toSorted(() => Math.random() - 0.5)
}

async function post(project: AddedProject, bodies: readonly (string | Uint8Array<ArrayBuffer>)[], atOnce: number) {
  const waiting = bodies.values()
  const client = async () => {
    for (const body of waiting) {
      const headers: Record<string, string> = typeof body === 'string' ? {} : { 'content-encoding': 'gzip' }
      const response = await postEnvelope(stack.gatewayUrl, project, body, headers)
      await response.arrayBuffer()
      expect(response.status).toBe(200)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
}

/** All a person would see of a project, without ids and times of receipt. */
async function pictureOf({ id }: AddedProject) {
  const { sql } = stack
  const [issues, tags, reports, sessions, hours, users] = await Promise.all([
    sql`
      SELECT title, level, first_seen, last_seen, event_count::int, user_count::int, first_release, last_release, status,
        (
          SELECT sum(issue_hour.event_count)::int FROM issue_hour JOIN grouping ON grouping.id = grouping_id
          WHERE issue_hour.project_id = ${id} AND issue_id = issue.id
        ) AS hourly
      FROM issue WHERE project_id = ${id} ORDER BY title`,
    sql`
      SELECT title, tag_key, tag_value, issue_tag.event_count::int FROM issue_tag
      JOIN grouping ON grouping.project_id = issue_tag.project_id AND grouping.id = grouping_id
      JOIN issue ON issue.project_id = grouping.project_id AND issue.id = issue_id
      WHERE issue.project_id = ${id} ORDER BY 1, 2, 3`,
    sql`
      SELECT event_id, occurred_at, level, release, title, user_id, tags FROM analytics.reports
      WHERE project_id = ${id} ORDER BY event_id`,
    sql`
      SELECT sid, started_at, status, status_seq::int, errors, dim_release.value AS release, dim_environment.value AS environment
      FROM session
      JOIN dim_release ON dim_release.project_id = session.project_id AND dim_release.id = release_id
      LEFT JOIN dim_environment ON dim_environment.project_id = session.project_id AND dim_environment.id = environment_id
      WHERE session.project_id = ${id} ORDER BY sid`,
    sql`
      SELECT hour, dim_release.value AS release, environment_id = 0 AS nowhere,
        sessions::int, errored::int, unhandled::int, abnormal::int, crashed::int
      FROM session_hour
      JOIN dim_release ON dim_release.project_id = session_hour.project_id AND dim_release.id = release_id
      WHERE session_hour.project_id = ${id} ORDER BY 1, 2, 3`,
    sql`
      SELECT count(*)::int AS rows, count(DISTINCT did)::int AS users, sum(sessions)::int AS sessions,
        sum(crashed)::int AS crashed
      FROM session_user_hour WHERE project_id = ${id}`,
  ])
  return { issues, tags, reports, sessions, hours, users }
}

test('a stream shuffled, repeated and cut into other batches comes to the same as the stream itself', async () => {
  const [clean, disturbed] = [await addProject(stack, 'Clean'), await addProject(stack, 'Disturbed')]
  const stream = makeStream()
  await post(clean, stream, 1)
  await waitFor('the clean stream', async () => (await readBooks(stack.sql)).jobs === 0)
  await post(disturbed, disturb(stream), 12)
  await waitFor('the disturbed stream', async () => (await readBooks(stack.sql)).jobs === 0)

  const expected = await pictureOf(clean)
  expect(expected.issues).toHaveLength(6)
  expect(expected.sessions).toHaveLength(SESSIONS)
  expect(expected.reports).toHaveLength(EVENTS)
  expect(await pictureOf(disturbed)).toEqual(expected)
  const books = await readBooks(stack.sql)
  expect(books).toMatchObject({ reports: 2 * EVENTS, wrongIssues: 0, wrongHours: 0, wrongTags: 0, dead: 0 })
  expect(stack.workers.map((worker) => worker.output())).toEqual(['', ''])
}, 60_000)
