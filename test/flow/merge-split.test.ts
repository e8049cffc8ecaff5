import { hash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { splitIssue } from '@rumen/db/issue/split-issue'
import { unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { dayOf } from '@rumen/db/partition/day'
import { seededRandom } from '@rumen/grouping/seeded-random'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Filler, openFiller } from '../bench/digest/fill-queue.ts'
import { balanced, readBooks } from '../faults/books.ts'
import { addProject } from '../support/add-project.ts'
import { frame, makeEnvelope, makeEvent } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

type Random = (limit: number) => number

const BUGS = 12
const STEPS = 150
const SEED = 20261126
const WORKERS = 3
/** In the concurrent part; a mover moves again when so many more events are digested. */
const EVENTS = 4_000
const MOVERS = 3
const EVENTS_PER_MOVE = 50
const MS_MAX = 120_000

let stack: Stack
let filler: Filler
let movers: Connection[]
let projectId: ProjectId
let filled = 0

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  // Small batches, workers that take them from each other, and one of them soon looks.
  const environment = { WORKER_REPORTS_BATCH_SIZE: '40', WORKER_INTERVAL_SECS: '1' }
  await Promise.all(Array.from({ length: WORKERS }, () => stack.addWorker(environment)))
  filler = await openFiller(stack.databaseUrl)
  movers = Array.from({ length: MOVERS }, () => connect(stack.databaseUrl, { poolSize: 1, name: 'mover' }))
})

afterAll(async () => {
  await Promise.all((movers ?? []).map(({ close }) => close()))
  await filler?.close()
  await stack?.stop()
})

/** An event of a bug as the gateway keeps it: any release, level and user, at one of a few moments. */
function archiveOf(bug: number, random: Random): ArchiveRow {
  const receivedAt = new Date()
  const id = randomBytes(16).toString('hex')
  const event = makeEvent({
    event_id: id,
    timestamp: Math.floor(receivedAt.getTime() / 1000) - random(3_000),
    level: ['error', 'warning', 'fatal', 'info'][random(4)],
    release: random(4) === 0 ? undefined : `shop@1.${random(9)}.0`,
    user: random(5) === 0 ? undefined : { id: `${random(15)}` },
    tags: { flavour: ['sweet', 'sour', 'salty'][random(3)], step: `${random(120)}` },
    exception: {
      values: [{ type: `Bug${letterOf(bug)}`, value: 'boom', stacktrace: { frames: [frame('app.js', 'main')] } }],
    },
  })
  const body = gzipSync(makeEnvelope(event), { level: 1 })
  return {
    ...{ projectId: parseProjectId(projectId), day: dayOf(receivedAt), hash: hash('sha256', body, 'buffer') },
    ...{ eventId: parseEventId(id), receivedAt, endpoint: 'envelope', contentType: 'application/x-sentry-envelope' },
    ...{ encoding: 'gzip', clientIp: '127.0.0.1', userAgent: null, sentryClient: null, queryRelease: null },
    ...{ queryEnvironment: null, wireBytes: body.length, body },
  }
}

function letterOf(bug: number): string {
  return String.fromCharCode(97 + bug)
}

async function digestSome(random: Random): Promise<void> {
  const events = Array.from({ length: 1 + random(25) }, () => archiveOf(random(BUGS), random))
  await filler.fill(events)
  filled += events.length
  await drained()
}

async function drained(): Promise<void> {
  const isEmpty = async () => {
    const [row] = await stack.sql`SELECT count(*)::int AS n FROM pgboss.job WHERE name IN ('digest', 'digest-excess')`
    return row?.n === 0
  }
  await waitFor('an empty queue', isEmpty, MS_MAX)
}

async function countReports(): Promise<number> {
  const [row] = await stack.sql<[{ n: number }]>`SELECT count(*)::int AS n FROM report`
  return row.n
}

interface Shelf {
  issueId: number
  mergedInto: number | null
  groupings: number[]
}

/** The issues of the project with what points at them. */
async function readShelves(): Promise<Shelf[]> {
  const rows = await stack.sql<{ id: string; merged_into: string | null; groupings: string[] }[]>`
    SELECT id, merged_into, ARRAY(
      SELECT grouping.id FROM grouping WHERE grouping.project_id = issue.project_id AND issue_id = issue.id ORDER BY 1
    ) AS groupings
    FROM issue WHERE project_id = ${projectId} ORDER BY id`
  return rows.map((row) => ({
    issueId: Number(row.id),
    mergedInto: row.merged_into === null ? null : Number(row.merged_into),
    groupings: row.groupings.map(Number),
  }))
}

function pick<T>(all: readonly T[], random: Random): T | undefined {
  return all[random(Math.max(1, all.length))]
}

/** One move of a kind that is possible, if one is; says what came of it. */
async function moveSomething(db: Db, random: Random, now = new Date()): Promise<string> {
  const shelves = await readShelves()
  const standing = shelves.filter(({ mergedInto }) => mergedInto === null)
  const kind = random(10)
  if (kind < 4) {
    const into = pick(standing, random)
    const issueIds = standing.filter((one) => one !== into && random(standing.length) < 2).map(({ issueId }) => issueId)
    if (!into || issueIds.length === 0) return 'none'
    return (await mergeIssues(db, { projectId, issueIds, into: into.issueId, now })).outcome
  }
  if (kind < 7) {
    const merged = pick(
      shelves.filter(({ mergedInto }) => mergedInto !== null),
      random,
    )
    return merged ? (await unmergeIssue(db, { projectId, issueId: merged.issueId, now })).outcome : 'none'
  }
  const large = pick(
    standing.filter(({ groupings }) => groupings.length > 1),
    random,
  )
  if (!large) return 'none'
  const some = large.groupings.filter(() => random(2) === 0)
  return (await splitIssue(db, { projectId, issueId: large.issueId, groupingIds: some, now })).outcome
}

/** Issues and groupings whose releases are not those of their reports, or whose issue is not the sum of them. */
async function releasesThatDiffer() {
  return await stack.sql`
    WITH named AS (
      SELECT report.project_id, grouping_id, issue_id, occurred_at, dim_release.value AS release
      FROM report
      JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = grouping_id
      JOIN dim_release ON dim_release.project_id = report.project_id AND dim_release.id = release_id
    ),
    recount AS (
      SELECT issue_id, grouping_id,
        (array_agg(release ORDER BY occurred_at, release COLLATE "C"))[1] AS first_release,
        (array_agg(release ORDER BY occurred_at DESC, release COLLATE "C" DESC))[1] AS last_release,
        min(occurred_at) AS first_release_at, max(occurred_at) AS last_release_at
      FROM named GROUP BY GROUPING SETS ((issue_id), (grouping_id))
    ),
    kept AS (
      SELECT id AS issue_id, NULL::bigint AS grouping_id, first_release, last_release, first_release_at, last_release_at
      FROM issue
      UNION ALL
      SELECT NULL, id, first_release, last_release, first_release_at, last_release_at FROM grouping
    )
    SELECT * FROM kept LEFT JOIN recount
      ON (recount.issue_id, recount.grouping_id) IS NOT DISTINCT FROM (kept.issue_id, kept.grouping_id)
    WHERE (kept.first_release, kept.last_release, kept.first_release_at, kept.last_release_at) IS DISTINCT FROM
      (recount.first_release, recount.last_release, recount.first_release_at, recount.last_release_at)`
}

/** Merged issues that have groupings, or lead nowhere; others that have none. */
async function misplaced(): Promise<Shelf[]> {
  const shelves = await readShelves()
  const ids = new Set(shelves.map(({ issueId }) => issueId))
  return shelves.filter(({ mergedInto, groupings }) =>
    mergedInto === null ? groupings.length === 0 : groupings.length > 0 || !ids.has(mergedInto),
  )
}

test(
  'whatever is merged, unmerged and split between batches, every count is what a recount says',
  async () => {
    projectId = (await addProject(stack, 'Steps')).id
    const random = seededRandom(SEED)
    const happened = new Map<string, number>()
    for (let step = 0; step < STEPS; step++) {
      const what =
        random(3) === 0 ? await digestSome(random).then(() => 'digested') : await moveSomething(stack.db, random)
      happened.set(what, (happened.get(what) ?? 0) + 1)
      expect(await readBooks(stack.sql), `step ${step}, ${what}`).toEqual(balanced(filled))
      expect(await releasesThatDiffer(), `step ${step}, ${what}`).toEqual([])
      expect(await misplaced(), `step ${step}, ${what}`).toEqual([])
    }
    // It was no walk past all that can happen.
    for (const what of ['digested', 'merged', 'unmerged', 'split']) expect(happened.get(what), what).toBeGreaterThan(5)
    expect(stack.workers.map((worker) => worker.output())).toEqual(Array(WORKERS).fill(''))
  },
  MS_MAX,
)

test(
  'issues are merged, unmerged and split by several while workers count for them, and nothing is lost',
  async () => {
    projectId = (await addProject(stack, 'At once')).id
    const random = seededRandom(SEED + 1)
    await filler.fill(Array.from({ length: BUGS }, (_, bug) => archiveOf(bug, random)))
    await drained()
    const events = Array.from({ length: EVENTS }, () => archiveOf(random(BUGS), random))
    filled += BUGS + EVENTS
    let isDone = false
    const outcomes = new Set<string>()
    const moving = movers.map(async ({ db }, n) => {
      const own = seededRandom(SEED + 2 + n)
      while (!isDone) {
        outcomes.add(await moveSomething(db, own))
        const before = await countReports()
        await waitFor('more events', async () => isDone || (await countReports()) >= before + EVENTS_PER_MOVE, MS_MAX)
      }
    })
    await filler.fill(events)
    await drained().finally(() => {
      isDone = true
    })
    await Promise.all(moving)
    for (const outcome of ['merged', 'unmerged', 'split']) expect(outcomes).toContain(outcome)
    expect(await readBooks(stack.sql)).toEqual(balanced(filled))
    expect(await releasesThatDiffer()).toEqual([])
    expect(await misplaced()).toEqual([])
    expect(await stack.sql`SELECT FROM digest_error`).toHaveLength(0)
  },
  MS_MAX,
)

test('nobody ever waited for another crosswise', async () => {
  for (const worker of stack.workers) expect(await worker.stop()).toBe(0)
  await Promise.all(movers.map(({ close }) => close()))
  // A session tells the server of its deadlocks at its end, if not before.
  await waitFor('the end of their sessions', async () => {
    const sessions = await stack.sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND (application_name LIKE 'rumen worker%' OR application_name = 'mover')`
    return sessions.length === 0
  })
  const [row] = await stack.sql`SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()`
  expect(row).toEqual({ deadlocks: 0 })
})
