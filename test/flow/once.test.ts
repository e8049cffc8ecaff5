import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { type LoadRequest, mixedLoad } from '../support/mixed-load.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { RoleProcess } from '../support/start-role.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  // Small batches, so that two workers really take turns.
  await Promise.all([1, 2].map(() => stack.addWorker({ WORKER_REPORTS_BATCH_SIZE: '50' })))
})

afterAll(() => stack?.stop())

test('the same body sent twice is answered twice and digested once', async () => {
  const project = await addProject(stack, 'Twice')
  const event = makeEvent()
  const body = makeEnvelope(event)
  for (let times = 0; times < 2; times++) {
    const response = await postEnvelope(stack.gatewayUrl, project, body)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ id: event.event_id })
  }
  await queueIsEmpty()
  expect(await outcomes([project], 1)).toEqual({ stored: 1 })
  const [counts] = await stack.sql`
    SELECT (SELECT count(*)::int FROM archive WHERE project_id = ${project.id}) AS archives,
      (SELECT sum(event_count)::int FROM issue WHERE project_id = ${project.id}) AS events`
  expect(counts).toEqual({ archives: 1, events: 1 })
})

test('the same event in other bytes counts once, and the ledger says that it came again', async () => {
  const project = await addProject(stack, 'Other bytes')
  const event = makeEvent()
  const body = makeEnvelope(event)
  const reordered = makeEnvelope({ ...Object.fromEntries(Object.entries(event).reverse()), event_id: event.event_id })
  expect(reordered).not.toBe(body)
  await postEnvelope(stack.gatewayUrl, project, body)
  await postEnvelope(stack.gatewayUrl, project, reordered)
  await postEnvelope(stack.gatewayUrl, project, gzipSync(body), { 'content-encoding': 'gzip' })
  expect(await outcomes([project], 3)).toEqual({ stored: 1, duplicate: 2 })
  const [counts] = await stack.sql`
    SELECT (SELECT count(*)::int FROM archive WHERE project_id = ${project.id}) AS archives,
      (SELECT count(*)::int FROM report WHERE project_id = ${project.id}) AS reports,
      (SELECT sum(event_count)::int FROM issue WHERE project_id = ${project.id}) AS events`
  expect(counts).toEqual({ archives: 3, reports: 1, events: 1 })
})

test('one body posted to two projects is a report and an issue in each', async () => {
  const projects = [await addProject(stack, 'One'), await addProject(stack, 'Two')]
  const body = makeEnvelope(makeEvent())
  for (const project of projects) expect((await postEnvelope(stack.gatewayUrl, project, body)).status).toBe(200)
  const reports = await Promise.all(projects.map((project) => waitForReports(stack, project)))
  expect(reports.flat().map(({ issue }) => issue)).toEqual(['one-1', 'two-1'])
  const issues = await stack.sql`
    SELECT count(DISTINCT id)::int AS issues, sum(event_count)::int AS events
    FROM issue WHERE project_id IN ${stack.sql(projects.map(({ id }) => id))}`
  expect(issues).toEqual([{ issues: 2, events: 2 }])
})

test('one body posted to two projects and digested in one batch is a report in each', async () => {
  const projects = [await addProject(stack, 'Three'), await addProject(stack, 'Four')]
  const body = makeEnvelope(makeEvent())
  await whileNobodyClaims(async () => {
    for (const project of projects) expect((await postEnvelope(stack.gatewayUrl, project, body)).status).toBe(200)
  })
  const ids = stack.sql(projects.map(({ id }) => id))
  const reports = await stack.sql`SELECT project_id, xmin::text AS batch FROM report WHERE project_id IN ${ids}`
  expect(reports.map(({ project_id }) => project_id).toSorted()).toEqual(projects.map(({ id }) => id).toSorted())
  expect(new Set(reports.map(({ batch }) => batch)).size, 'batches').toBe(1)
  for (const project of projects) expect(await outcomes([project], 1)).toEqual({ stored: 1 })
})

test('a tag has a hundred values in an issue, also where the batch that brings more finds it with fewer', async () => {
  const project = await addProject(stack, 'Shelves')
  const post = async (from: number, to: number) => {
    for (let shelf = from; shelf < to; shelf++) {
      const body = makeEnvelope(makeEvent({ tags: { shelf: `${shelf}` } }))
      expect((await postEnvelope(stack.gatewayUrl, project, body)).status).toBe(200)
    }
  }
  await post(0, 90)
  await queueIsEmpty()
  await whileNobodyClaims(() => post(90, 130))
  const values = await stack.sql`
    SELECT count(*)::int AS values, sum(event_count)::int AS events,
      sum(event_count) FILTER (WHERE tag_value = '(other)')::int AS others
    FROM issue_tag WHERE project_id = ${project.id} AND tag_key = 'shelf'`
  expect(values).toEqual([{ values: 101, events: 130, others: 30 }])
})

test('two workers and 2,000 events: each is reported once, and every count is right', async () => {
  const projects = [await addProject(stack, 'A'), await addProject(stack, 'B'), await addProject(stack, 'C')]
  const load = mixedLoad({ eventsCount: 2_000, issuesCount: 40 })
  const statuses = await postAll(load.requests, projects, { clientsCount: 20 })

  // The door: what was answered is archived, or was already.
  expect(statuses).toEqual(new Map([[200, load.requests.length]]))
  const ids = projects.map(({ id }) => id)
  const [door] = await stack.sql`SELECT count(*)::int AS archives FROM archive WHERE project_id IN ${stack.sql(ids)}`
  expect(door).toEqual({ archives: load.requests.length - load.repeatsCount })

  // The ledger: every item has come to one end.
  const itemsCount = Object.values(load.outcomes).reduce((sum, count) => sum + count)
  expect(await outcomes(projects, itemsCount)).toEqual(load.outcomes)
  await queueIsEmpty()

  const [reports] = await stack.sql`
    SELECT count(*)::int AS count, count(DISTINCT event_id)::int AS events
    FROM report WHERE project_id IN ${stack.sql(ids)}`
  expect(reports).toEqual({ count: load.eventsCount, events: load.eventsCount })
  expect(await issuesThatDiffer(ids)).toEqual([])
  expect(await hoursThatDiffer(ids)).toEqual([])
  // 40 bugs in turn, bug n in project n % 3.
  const numbers = await stack.sql`
    SELECT array_agg(number::int ORDER BY number) AS numbers, array_agg(DISTINCT event_count::int) AS counts
    FROM issue WHERE project_id IN ${stack.sql(ids)} GROUP BY project_id ORDER BY project_id`
  expect(numbers).toEqual([14, 13, 13].map((count) => ({ numbers: upTo(count), counts: [50] })))
  // No deadlock, no batch tried twice: right by order, not by luck.
  expect(stack.workers.map((worker) => worker.output())).toEqual(['', ''])
})

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1)
}

/** Posts all of them, so many at a time, and gives how often each status was answered. */
async function postAll(
  requests: readonly LoadRequest[],
  projects: readonly AddedProject[],
  { clientsCount }: { clientsCount: number },
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  const waiting = requests.values()
  const client = async () => {
    for (const { project: index, body, headers } of waiting) {
      const project = projects[index]
      if (!project) throw new Error(`there is no project ${index}`)
      const response = await postEnvelope(stack.gatewayUrl, project, body, headers)
      await response.arrayBuffer()
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    }
  }
  await Promise.all(Array.from({ length: clientsCount }, client))
  return statuses
}

/** What the ledger says of the projects, once it speaks of so many items. */
async function outcomes(projects: readonly AddedProject[], itemsCount: number): Promise<Record<string, number>> {
  return await waitFor(`the endings of ${itemsCount} items`, async () => {
    const rows = await stack.sql<{ outcome: string; quantity: number }[]>`
      SELECT outcome, sum(quantity)::int AS quantity
      FROM analytics.outcomes
      WHERE project_id IN ${stack.sql(projects.map(({ id }) => id))} AND item_type <> 'request'
      GROUP BY outcome`
    const ended = rows.reduce((sum, { quantity }) => sum + quantity, 0)
    return ended >= itemsCount ? Object.fromEntries(rows.map(({ outcome, quantity }) => [outcome, quantity])) : null
  })
}

/** Lets one worker claim what was posted meanwhile, all of it at once; resolves when no job is left. */
async function whileNobodyClaims(post: () => Promise<void>): Promise<void> {
  const suspend = (worker: RoleProcess) => worker.signal('SIGSTOP')
  const resume = (worker: RoleProcess) => worker.signal('SIGCONT')
  stack.workers.forEach(suspend)
  try {
    // A claim that is on its way would take what is posted first, and leave it with a worker that stands still.
    await waitFor('the end of the last claims', async () => {
      const claiming = await stack.sql`
        SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'rumen worker queue' AND state = 'active'`
      return claiming.length === 0
    })
    await post()
    stack.workers.slice(0, 1).forEach(resume)
    await queueIsEmpty()
  } finally {
    stack.workers.forEach(resume)
  }
}

async function queueIsEmpty(): Promise<void> {
  await waitFor('an empty queue', async () => {
    const [row] = await stack.sql`SELECT count(*)::int AS jobs FROM pgboss.job WHERE name LIKE 'digest%'`
    return row?.jobs === 0
  })
}

/** Issues whose count and times are not those of their reports. */
async function issuesThatDiffer(projectIds: readonly string[]) {
  return await stack.sql`
    SELECT issue.project_id, issue.number, issue.event_count, recount.*
    FROM issue
    LEFT JOIN (
      SELECT grouping.project_id, grouping.issue_id, count(*), min(occurred_at) AS first_seen, max(occurred_at) AS last_seen
      FROM report JOIN grouping ON grouping.project_id = report.project_id AND grouping.id = report.grouping_id
      GROUP BY grouping.project_id, grouping.issue_id
    ) AS recount ON recount.project_id = issue.project_id AND recount.issue_id = issue.id
    WHERE issue.project_id IN ${stack.sql(projectIds)}
      AND (issue.event_count, issue.first_seen, issue.last_seen)
        IS DISTINCT FROM (recount.count, recount.first_seen, recount.last_seen)`
}

/** Hours whose count is not that of their reports, or that only one side knows. */
async function hoursThatDiffer(projectIds: readonly string[]) {
  return await stack.sql`
    WITH recount AS (
      SELECT project_id, grouping_id, date_trunc('hour', received_at, 'UTC') AS hour, count(*) AS event_count
      FROM report GROUP BY 1, 2, 3
    )
    SELECT project_id, grouping_id, hour, issue_hour.event_count, recount.event_count AS recounted
    FROM (SELECT * FROM issue_hour WHERE project_id IN ${stack.sql(projectIds)}) AS issue_hour
    FULL JOIN (SELECT * FROM recount WHERE project_id IN ${stack.sql(projectIds)}) AS recount
      USING (project_id, grouping_id, hour)
    WHERE issue_hour.event_count IS DISTINCT FROM recount.event_count`
}
