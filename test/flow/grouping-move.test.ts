import { type GroupingMove, moveGrouping } from '@rumen/db/grouping-config/move-grouping'
import { undoGrouping } from '@rumen/db/grouping-config/undo-grouping'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { findIssue } from '@rumen/db/issue/find-issue'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readBooks } from '../faults/books.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { digestOf } from '../support/digest-of.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

const MINUTE_MS = 60_000

let stack: Stack

beforeAll(async () => {
  // Two, so that what one of them remembers is not what the other knows.
  stack = await startStack({ workers: 2 })
})

afterAll(() => stack?.stop())

/** A bug as it shows itself: in which function it broke, in which transaction, and what was said. */
interface Bug {
  at?: string
  in?: string
  says?: string
  type?: string
}

function makeBug({ at = 'pay', in: transaction = 'POST /cart', says = 'boom', type = 'CartError' }: Bug) {
  const exception = { type, value: says, stacktrace: { frames: [frame('cart.js', at)] } }
  return makeEvent({ transaction, exception: { values: [exception] }, release: 'shop@1.0.0' })
}

/** Posts an event of a bug, and gives the issue it was digested into, like `shop-1`. */
async function happen(project: AddedProject, bug: Bug = {}): Promise<string> {
  const event = makeBug(bug)
  const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(event))
  expect(response.status).toBe(200)
  const { reports } = await digestOf(stack, project)
  return reports.find(({ event_id }) => event_id === event.event_id)?.issue
}

/** From here on by other rules; new keys take over issues for half an hour. */
async function move({ id }: AddedProject, given: GroupingMove['given'], minutes = 30): Promise<void> {
  const now = new Date()
  const adoptsUntil = new Date(now.getTime() + minutes * MINUTE_MS)
  const moved = await moveGrouping(stack.db, { projectId: id, given, adoptsUntil, now })
  expect(moved.outcome).toBe('moved')
}

async function undo({ id }: AddedProject, adoptsUntil: Date | null = new Date(Date.now() + MINUTE_MS)): Promise<void> {
  expect(await undoGrouping(stack.db, { projectId: id, adoptsUntil })).toMatchObject({ outcome: 'undone' })
}

const TRANSACTION = { strategy: 'transaction' }

async function issueOf({ slug }: AddedProject, number: number): Promise<IssueAddress> {
  const issue = await findIssue(stack.db, { slug, number })
  if (!issue) throw new Error(`there is no issue ${slug}-${number}`)
  return issue
}

/** Each issue of a project: its events, its status, what happened to it and its keys, those that took over from another marked. */
async function issuesOf({ id }: AddedProject) {
  const rows = await stack.sql`
    SELECT number::int, event_count::int AS events, status,
      ARRAY(SELECT kind FROM activity WHERE activity.project_id = issue.project_id AND issue_id = issue.id ORDER BY id) AS timeline,
      ARRAY(
        SELECT CASE WHEN adopted_from IS NULL THEN '' ELSE '< ' END || key FROM grouping
        WHERE grouping.project_id = issue.project_id AND issue_id = issue.id ORDER BY grouping.id
      ) AS keys
    FROM issue WHERE project_id = ${id} ORDER BY number`
  return [...rows]
}

async function countsOf(project: AddedProject): Promise<[number: number, events: number][]> {
  return (await issuesOf(project)).map(({ number, events }) => [number, events])
}

describe('a project that moves to other rules', () => {
  test('goes on with the issues it has: number, status and timeline stay, and what is new is new', async () => {
    const project = await addProject(stack, 'Moving')
    expect(await happen(project)).toBe('moving-1')
    await muteIssue(stack.db, { ...(await issueOf(project, 1)), now: new Date() })
    await move(project, TRANSACTION)
    expect(await happen(project)).toBe('moving-1')
    expect(await happen(project)).toBe('moving-1')
    expect(await happen(project, { at: 'refund', says: 'other' })).toBe('moving-2')
    const [known, novel] = await issuesOf(project)
    expect(known).toEqual({
      ...{ number: 1, events: 3, status: 'muted', timeline: ['muted'] },
      keys: [expect.stringContaining('pay'), '< CartError: boom ⋄ POST /cart'],
    })
    expect(novel).toMatchObject({ number: 2, events: 1, keys: ['CartError: other ⋄ POST /cart'] })
  })

  test('leads a key that two of them had to the one that happens first', async () => {
    const project = await addProject(stack, 'Joining')
    expect(await happen(project, { at: 'pay' })).toBe('joining-1')
    expect(await happen(project, { at: 'refund' })).toBe('joining-2')
    await move(project, TRANSACTION)
    expect(await happen(project, { at: 'refund' })).toBe('joining-2')
    expect(await happen(project, { at: 'pay' })).toBe('joining-2')
    expect(await countsOf(project)).toEqual([
      [1, 1],
      [2, 3],
    ])
  })

  test('keeps in one issue what would be two by now', async () => {
    const project = await addProject(stack, 'Splitting')
    for (const at of ['GET /cart', 'POST /cart']) expect(await happen(project, { in: at })).toBe('splitting-1')
    await move(project, TRANSACTION)
    for (const at of ['GET /cart', 'POST /cart', 'PUT /cart'])
      expect(await happen(project, { in: at })).toBe('splitting-1')
    const [issue] = await issuesOf(project)
    expect(issue?.keys).toHaveLength(4)
  })

  test('takes nothing over when the time for it is past, and still finds what was taken over', async () => {
    const project = await addProject(stack, 'Late')
    expect(await happen(project, { in: 'in time' })).toBe('late-1')
    await move(project, TRANSACTION)
    expect(await happen(project, { in: 'in time' })).toBe('late-1')
    await stack.sql`UPDATE project SET adopts_until = now() WHERE id = ${project.id}`
    expect(await happen(project, { in: 'too late' })).toBe('late-2')
    expect(await happen(project, { in: 'in time' })).toBe('late-1')
  })

  test('and back goes on with all of them, those that began in between too', async () => {
    const project = await addProject(stack, 'Undoing')
    expect(await happen(project, { at: 'pay' })).toBe('undoing-1')
    await move(project, TRANSACTION)
    expect(await happen(project, { at: 'pay' })).toBe('undoing-1')
    expect(await happen(project, { at: 'refund', says: 'novel' })).toBe('undoing-2')
    await undo(project)
    expect(await happen(project, { at: 'pay', says: 'other' })).toBe('undoing-1')
    expect(await happen(project, { at: 'refund', says: 'novel' })).toBe('undoing-2')
    expect((await issuesOf(project)).map(({ keys }) => keys.length)).toEqual([2, 2])
    await undo(project, null)
    expect(await happen(project, { at: 'elsewhere', says: 'novel' })).toBe('undoing-2')
  })

  test('reopens a resolved issue through its new key', async () => {
    const project = await addProject(stack, 'Regressing')
    await happen(project)
    await resolveIssue(stack.db, { ...(await issueOf(project, 1)), now: new Date(Date.now() - MINUTE_MS) })
    await move(project, TRANSACTION)
    expect(await happen(project)).toBe('regressing-1')
    expect(await issuesOf(project)).toMatchObject([
      { number: 1, events: 2, status: 'unresolved', timeline: ['resolved', 'regressed'] },
    ])
  })

  test('groups by rules of its own, in the issue that was there', async () => {
    const project = await addProject(stack, 'Ruled')
    expect(await happen(project, { at: 'pay' })).toBe('ruled-1')
    expect(await happen(project, { at: 'refund', type: 'StockError' })).toBe('ruled-2')
    await move(project, { rules: 'type:CartError -> fingerprint=cart title="The cart"' })
    expect(await happen(project, { at: 'refund' })).toBe('ruled-3')
    expect(await happen(project, { at: 'pay' })).toBe('ruled-3')
    expect(await happen(project, { at: 'refund', type: 'StockError' })).toBe('ruled-2')
    const issues = await issuesOf(project)
    expect(issues.map(({ events }) => events)).toEqual([1, 2, 2])
    expect(issues[2]?.keys).toEqual(['cart'])
    const titles = await stack.sql`SELECT title FROM issue WHERE project_id = ${project.id} AND number = 3`
    expect(titles).toEqual([{ title: 'The cart' }])
  })

  test('begins a new issue where the one that was taken over is deleted, as the worker that remembers it finds out', async () => {
    const project = await addProject(stack, 'Forgetting')
    await happen(project)
    await move(project, TRANSACTION)
    expect(await happen(project)).toBe('forgetting-1')
    expect(await deleteIssue(stack.db, await issueOf(project, 1))).toBe('deleted')
    for (let times = 0; times < 3; times++) expect(await happen(project)).toBe('forgetting-2')
    await undo(project)
    expect(await happen(project)).toBe('forgetting-2')
    expect(await countsOf(project)).toEqual([[2, 4]])
  })
})

test('two workers that meet the same new keys at once take over the same issues, and count exactly', async () => {
  const project = await addProject(stack, 'Crowded')
  const [places, transactions] = [
    ['pay', 'refund', 'order', 'ship'],
    ['a', 'b', 'c'],
  ]
  for (const at of places) await happen(project, { at })
  await move(project, TRANSACTION)
  for (const worker of stack.workers) worker.signal('SIGSTOP')
  const bugs = Array.from({ length: 240 }, (_, n) => ({ at: places[n % 4] ?? '', in: transactions[n % 3] ?? '' }))
  await Promise.all(
    bugs.map(async (bug) => {
      const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(makeBug(bug)))
      expect(response.status).toBe(200)
    }),
  )
  for (const worker of stack.workers) worker.signal('SIGCONT')
  const { reports, errors } = await digestOf(stack, project)
  expect([reports.length, errors]).toEqual([244, []])
  const issues = await issuesOf(project)
  expect(issues.map(({ number }) => number)).toEqual([1, 2, 3, 4])
  const keys = issues.flatMap((issue): string[] => issue.keys)
  expect(keys.filter((key) => key.startsWith('< ')).toSorted()).toEqual(
    transactions.map((name) => `< CartError: boom ⋄ ${name}`),
  )
  expect(keys).toHaveLength(7)
  expect(await readBooks(stack.sql)).toMatchObject({
    wrongIssues: 0,
    wrongGroupings: 0,
    wrongHours: 0,
    jobs: 0,
    dead: 0,
  })
  for (const worker of stack.workers) expect(worker.output()).toBe('')
})

describe('a worker that does not know the rules of a project', () => {
  const jobOf = async ({ id }: AddedProject) => {
    const [job] = await stack.sql<{ state: string; tries: number; reason: string }[]>`
      SELECT state, retry_count::int AS tries, output->>'reason' AS reason FROM pgboss.job WHERE data->>'project_id' = ${id}`
    return job
  }

  test('leaves its events to one that does, however often it meets them, and digests those of others', async () => {
    const [project, other] = [await addProject(stack, 'Ahead'), await addProject(stack, 'Present')]
    expect(await happen(project)).toBe('ahead-1')
    // From a version of Rumen that is not written yet.
    await move(project, { mechanism: 'v9' })
    const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(makeBug({})))
    expect(response.status).toBe(200)
    for (let times = 0; times < 5; times++) {
      const isGivenBack = async () => {
        const job = await jobOf(project)
        return job?.state === 'retry' && job.tries >= times && job
      }
      // One that a worker has given back waits for its next try; nobody waits that long here.
      const wake = async () => {
        await stack.sql`UPDATE pgboss.job SET start_after = now() WHERE data->>'project_id' = ${project.id}`
        await stack.sql.notify(WAKE_UP_CHANNEL, '')
      }
      if (times > 0) await wake()
      expect((await waitFor('the job to be given back', isGivenBack)).reason).toBe(
        'grouping rules this version does not know',
      )
      expect(await happen(other)).toBe('present-1')
    }
    expect(await stack.sql`SELECT FROM digest_error WHERE project_id = ${project.id}`).toHaveLength(0)
    for (const worker of stack.workers) expect(await worker.stop()).toBe(0)

    // What those that are gone do not know, the next one does.
    await stack.sql`UPDATE grouping_config SET mechanism = 'v1', strategy = 'transaction' WHERE project_id = ${project.id} AND version = 2`
    await stack.sql`UPDATE pgboss.job SET start_after = now() WHERE data->>'project_id' = ${project.id}`
    await stack.addWorker()
    const { reports } = await digestOf(stack, project)
    expect(reports.map(({ issue }) => issue)).toEqual(['ahead-1', 'ahead-1'])
    expect(await stack.sql`SELECT FROM digest_attempt`).toHaveLength(0)
  })

  test('does not guess where it does not know the rules before', async () => {
    const project = await addProject(stack, 'Before')
    await move(project, { mechanism: 'v9' })
    await undo(project)
    await postEnvelope(stack.gatewayUrl, project, makeEnvelope(makeBug({})))
    const job = await waitFor('the job to be given back', async () => {
      const found = await jobOf(project)
      return found?.state === 'retry' && found
    })
    expect(job.reason).toBe('grouping rules this version does not know')
    // When nothing is taken over any more, the former rules do not matter.
    await stack.sql`UPDATE project SET adopts_until = now() WHERE id = ${project.id}`
    await stack.sql`UPDATE pgboss.job SET start_after = now() WHERE data->>'project_id' = ${project.id}`
    await stack.sql.notify(WAKE_UP_CHANNEL, '')
    expect((await digestOf(stack, project)).reports.map(({ issue }) => issue)).toEqual(['before-1'])
  })
})
