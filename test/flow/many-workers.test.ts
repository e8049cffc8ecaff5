import { hash, randomBytes, randomInt } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { dayOf } from '@rumen/db/partition/day'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Filler, openFiller } from '../bench/digest/fill-queue.ts'
import { balanced, readBooks } from '../faults/books.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { frame, makeEnvelope, makeEvent } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

const HOT_EVENTS = 3_000
const NEW_ISSUES = 10_000
/** Of one key of a grouping; the others are `(other)`. The hot issue has more. */
const TAG_VALUES_MAX = 100
/** Of the new issues, every so many-th comes twice: two workers meet the same ones, each in an order of its own. */
const AGAIN_EVERY = 4
const ROUNDS = [{ workers: 2 }, { workers: 4 }] as const
const MS_MAX = 180_000

let stack: Stack
let filler: Filler
let projects: readonly AddedProject[]
let filled = 0
let issues = 0

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  filler = await openFiller(stack.databaseUrl)
  projects = [await addProject(stack, 'One'), await addProject(stack, 'Two')]
})

afterAll(async () => {
  await filler?.close()
  await stack?.stop()
})

/** Grouping looks past digits: letters tell names apart. */
function lettersOf(n: number): string {
  return n.toString(26).replaceAll(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)))
}

/** An event of issue `n` as the gateway keeps it; neighbours are of different projects. */
function archiveOf(n: number | 'hot', at: number): ArchiveRow {
  const receivedAt = new Date()
  const id = randomBytes(16).toString('hex')
  const name = n === 'hot' ? 'Hot' : `New${lettersOf(n)}`
  const event = makeEvent({
    event_id: id,
    // In no order: the newest may be in anybody's batch.
    timestamp: receivedAt.getTime() / 1000 - randomInt(3_000),
    exception: { values: [{ type: `${name}Error`, value: 'boom', stacktrace: { frames: [frame('app.js', 'main')] } }] },
    release: `shop@${at % 5}`,
    user: { id: `${at % 700}` },
    tags: { cluster: `c${at % 150}`, plan: `plan ${at % 3}` },
  })
  const body = gzipSync(makeEnvelope(event), { level: 1 })
  return {
    projectId: parseProjectId(projects[(n === 'hot' ? 0 : n) % projects.length]?.id ?? ''),
    day: dayOf(receivedAt),
    hash: hash('sha256', body, 'buffer'),
    eventId: parseEventId(id),
    receivedAt,
    endpoint: 'envelope',
    contentType: 'application/x-sentry-envelope',
    encoding: 'gzip',
    clientIp: '127.0.0.1',
    userAgent: null,
    sentryClient: null,
    queryRelease: null,
    queryEnvironment: null,
    wireBytes: body.length,
    body,
  }
}

/** A share of the hot issue's events, and so many new issues, mixed so that every batch has some of all. */
function makeRound({ hot, firstNew, newCount }: { hot: number; firstNew: number; newCount: number }): ArchiveRow[] {
  const wanted: { n: number | 'hot'; place: number }[] = []
  for (let at = 0; at < hot; at++) wanted.push({ n: 'hot', place: at / hot })
  for (let at = 0; at < newCount; at++) {
    wanted.push({ n: firstNew + at, place: at / newCount })
    // A batch or two later, and against the order of the others.
    if (at % AGAIN_EVERY === 0) wanted.push({ n: firstNew + at, place: (at + 200 - 2 * (at % 100)) / newCount })
  }
  return wanted.toSorted((a, b) => a.place - b.place).map(({ n }, at) => archiveOf(n, at))
}

/** Waits for the end of the queue; gives the highest number of tries a job needed on the way. */
async function drain(): Promise<number> {
  let retries = 0
  await waitFor(
    'an empty queue',
    async () => {
      const [jobs] = await stack.sql<[{ n: number; retries: number }]>`
        SELECT count(*)::int AS n, coalesce(max(retry_count), 0)::int AS retries FROM pgboss.job
        WHERE name IN ('digest', 'digest-excess', 'digest-dead')`
      retries = Math.max(retries, jobs.retries)
      return jobs.n === 0
    },
    MS_MAX,
  )
  return retries
}

/** Issues whose times are not those of their reports. */
async function issuesOutOfTime() {
  return await stack.sql`
    WITH recount AS (
      SELECT report.project_id, issue_id, min(occurred_at) AS first_seen, max(occurred_at) AS last_seen
      FROM report JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = grouping_id
      GROUP BY 1, 2
    )
    SELECT issue.number FROM issue
    JOIN recount ON recount.project_id = issue.project_id AND recount.issue_id = issue.id
    WHERE (issue.first_seen, issue.last_seen) <> (recount.first_seen, recount.last_seen)`
}

/** Of the tag key with the most of a grouping. */
async function tagValuesMax(): Promise<number> {
  const [row] = await stack.sql`
    SELECT count(*)::int AS n FROM issue_tag GROUP BY project_id, grouping_id, tag_key ORDER BY n DESC LIMIT 1`
  return row?.n
}

test.each(ROUNDS)(
  '$workers workers share a hot issue and thousands of new ones, and every counter is what a recount says',
  async ({ workers }) => {
    const newCount = NEW_ISSUES / ROUNDS.length
    const round = makeRound({ hot: HOT_EVENTS / ROUNDS.length, firstNew: issues, newCount })
    await Promise.all(Array.from({ length: workers - stack.workers.length }, () => stack.addWorker()))
    for (const worker of stack.workers) worker.signal('SIGSTOP')
    await filler.fill(round)
    filled += round.length
    issues += newCount
    for (const worker of stack.workers) worker.signal('SIGCONT')

    expect(await drain()).toBe(0)
    expect(await readBooks(stack.sql)).toEqual(balanced(filled))
    expect(await issuesOutOfTime()).toEqual([])
    // Whoever counts holds the issue: no two fill the last places of a key at once.
    expect(await tagValuesMax()).toBe(TAG_VALUES_MAX + 1)
    const numbers = await stack.sql`
      SELECT count(*)::int AS issues, min(number)::int AS lowest, max(number)::int AS highest FROM issue GROUP BY project_id ORDER BY 1`
    const [half, withHot] = [issues / 2, issues / 2 + 1]
    expect(numbers).toEqual([half, withHot].map((count) => ({ issues: count, lowest: 1, highest: count })))
    // Nothing was halved, given up, put off or refused.
    expect(stack.workers.map((worker) => worker.output())).toEqual(stack.workers.map(() => ''))
    expect(await stack.sql`SELECT FROM digest_attempt`).toHaveLength(0)
  },
  MS_MAX,
)

test('no two of them ever waited for each other crosswise', async () => {
  for (const worker of stack.workers) expect(await worker.stop()).toBe(0)
  // A session tells the server of its deadlocks at its end, if not before.
  await waitFor('the end of their sessions', async () => {
    const sessions = await stack.sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'rumen worker%'`
    return sessions.length === 0
  })
  const [row] = await stack.sql`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`
  expect(row).toEqual({ deadlocks: 0 })
})
