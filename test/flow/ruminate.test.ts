import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openGate } from '../database/statement-gate.ts'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { frame, makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { contentOf, recount } from '../support/recount.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

/** A command is a process that loads its own code, and a test has a dozen of them. */
const COMMANDS_MS_MAX = 400_000
const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

/** Merges two bugs, splits one by a tag, and calls one by another name. */
const RULES = `
type:BugA -> fingerprint=checkout
type:BugB -> fingerprint=checkout
type:BugC -> fingerprint=upload,{{ tags.part }}
type:BugT -> title="Nobody reads {{ tags.part }}"
`

vi.setConfig({ testTimeout: COMMANDS_MS_MAX, hookTimeout: COMMANDS_MS_MAX })

let stack: Stack
let folder: TemporaryFolder
let rulesFile: string

beforeAll(async () => {
  stack = await startStack()
  folder = await temporaryFolder('rumen-ruminate-')
  rulesFile = `${folder.path}/rules`
  await writeFile(rulesFile, RULES)
})

afterAll(async () => {
  await stack.stop()
  await folder.remove()
})

/** The real command line, on the stack's database or on another address of it. */
function start(line: string, databaseUrl = stack.databaseUrl) {
  const child = spawn(process.execPath, [CLI, ...line.split(' ')], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = { output: '', errors: '' }
  child.stdout.on('data', (text) => (ended.output += text))
  child.stderr.on('data', (text) => (ended.errors += text))
  return { child, ended: once(child, 'close').then(([code]) => ({ code, ...ended })) }
}

function signalAll(name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const role of [...stack.gateways, ...stack.workers]) role.signal(name)
}

async function rumen(line: string): Promise<string> {
  const { code, output, errors } = await start(line).ended
  expect([code, withoutProgress(errors)]).toEqual([0, ''])
  return output.trim()
}

/** Where there is no terminal, a slow machine has time for a line of how far it is. */
function withoutProgress(errors: string): string {
  return errors.replace(/^(comparing|rewriting|reading|moving|goes on)[ :].*\n/gm, '')
}

const BUGS = [
  { type: 'BugA', part: 'a', count: 8 },
  { type: 'BugB', part: 'b', count: 5 },
  { type: 'BugC', part: 'x', count: 5 },
  { type: 'BugC', part: 'y', count: 3 },
  { type: 'BugC', part: 'z', count: 1 },
  { type: 'BugD', part: 'd', count: 4 },
  { type: 'BugT', part: 't', count: 2 },
] as const

const START_MS = Date.now() - 6 * 60 * 60 * 1000
const LEVELS = ['warning', 'error', 'fatal'] as const

/** The nth event of a bug: of one of five users, with one of four flavours and one of three releases. */
function eventOf(type: string, part: string, n: number) {
  const stacktrace = { frames: [frame('app.js', `step${type}`)] }
  return makeEvent({
    timestamp: (START_MS + n * 5_000) / 1000,
    level: LEVELS[n % 3],
    release: `shop@1.${n % 3}.0`,
    user:
      n % 4 === 3 ? { ip_address: '203.0.113.7' } : { id: `user ${(n + type.charCodeAt(3)) % 5}`, username: `${n}` },
    tags: { part, flavour: `f${n % 4}` },
    exception: { values: [{ type, value: 'boom', stacktrace }] },
  })
}

async function post(project: AddedProject, type: string, part: string, n: number): Promise<void> {
  const response = await postEnvelope(stack.gatewayUrl, project, makeEnvelope(eventOf(type, part, n)))
  expect(response.status).toBe(200)
  await response.arrayBuffer()
}

/** A project whose bugs came in so often, times `factor`, one issue after the other. */
async function makeProject(name: string, factor = 1): Promise<AddedProject> {
  const project = await addProject(stack, name)
  let sent = 0
  for (const { type, part, count } of BUGS) {
    const numbers = Array.from({ length: count * factor }, (_, n) => sent + n)
    for (let at = 0; at < numbers.length; at += 50) {
      await Promise.all(numbers.slice(at, at + 50).map((n) => post(project, type, part, n)))
    }
    sent += numbers.length
    await waitForReports(stack, project, { count: sent, msMax: 100_000 })
  }
  return project
}

/** All there is to know of every issue of a project that has events, by its number. */
async function issuesOf({ id }: AddedProject) {
  const rows = await stack.sql`
    SELECT number::int, type, status, event_count::int AS events, user_count::int AS users, level, title,
      first_seen::text, last_seen::text, first_release, last_release, resolved_at::text, muted_until_count::int,
      (SELECT json_agg(json_build_array(hour, n) ORDER BY hour) FROM (
        SELECT hour, sum(issue_hour.event_count)::int AS n FROM grouping JOIN issue_hour ON grouping_id = grouping.id
        WHERE grouping.issue_id = issue.id GROUP BY hour) AS one) AS hours,
      (SELECT json_object_agg(tag_key || '=' || tag_value, n ORDER BY tag_key, tag_value) FROM (
        SELECT tag_key, tag_value, sum(issue_tag.event_count)::int AS n FROM grouping
        JOIN issue_tag ON grouping_id = grouping.id
        WHERE grouping.issue_id = issue.id GROUP BY tag_key, tag_value) AS one) AS tags
    FROM issue WHERE project_id = ${id} AND event_count > 0 ORDER BY number`
  return rows.map((row) => ({ ...row }))
}

async function numbersOf(project: AddedProject): Promise<Record<number, string>> {
  const issues = await stack.sql<{ number: number; what: string }[]>`
    SELECT number::int, concat_ws(' ', type, event_count, status) AS what FROM issue
    WHERE project_id = ${project.id} AND event_count > 0 ORDER BY number`
  return Object.fromEntries(issues.map(({ number, what }) => [number, what]))
}

async function kindsOf({ id }: AddedProject): Promise<Record<string, number>> {
  const rows = await stack.sql<{ kind: string; count: number }[]>`
    SELECT kind, count(*)::int FROM activity WHERE project_id = ${id} GROUP BY kind ORDER BY kind`
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]))
}

/** Events by bug, part and the number of the issue they are in. */
async function placesOf({ id }: AddedProject): Promise<Record<string, number>> {
  const rows = await stack.sql<{ place: string; events: number }[]>`
    SELECT concat_ws(' ', (SELECT value FROM dim_exception_type AS dim WHERE dim.id = exception_type_id),
      (SELECT tag_value FROM tag WHERE tag.id = ANY (tag_ids) AND tag_key = 'part'), issue.number) AS place, count(*)::int AS events
    FROM report JOIN grouping ON grouping.id = grouping_id JOIN issue ON issue.id = grouping.issue_id
    WHERE report.project_id = ${id} GROUP BY 1 ORDER BY 1`
  return Object.fromEntries(rows.map(({ place, events }) => [place, events]))
}

const BEFORE = {
  1: 'BugA 8 muted',
  2: 'BugB 5 unresolved',
  3: 'BugC 9 resolved',
  4: 'BugD 4 unresolved',
  5: 'BugT 2 unresolved',
}
const AFTER = {
  1: 'BugA 13 muted',
  3: 'BugC 5 resolved',
  4: 'BugD 4 unresolved',
  5: 'BugT 2 unresolved',
  6: 'BugC 3 unresolved',
  7: 'BugC 1 unresolved',
}

describe('other rules', () => {
  let project: AddedProject
  let before: Awaited<ReturnType<typeof issuesOf>>

  beforeAll(async () => {
    project = await makeProject('Shop')
    await rumen('issue mute shop-1 --events 100')
    await rumen('issue resolve shop-3')
    before = await issuesOf(project)
    expect(await numbersOf(project)).toEqual(BEFORE)
    expect(await recount(stack.sql, project)).toEqual([])
  })

  test('are tried out without changing anything: what would merge, split, and be called otherwise', async () => {
    // Who runs measures and counts, and that is no preview's doing.
    signalAll('SIGSTOP')
    const content = await contentOf(stack.sql)
    const preview = JSON.parse(await rumen(`group preview --project ${project.id} --rules ${rulesFile} --json`))
    expect(preview).toMatchObject({
      ...{ events: 28, gone: 0, beyond: 0, unread: 0 },
      keys: { known: 2, novel: 4 },
      issues: { merged: 1, split: 1, unmerged: 0, unchanged: 3 },
      merges: [{ issue: 'shop-2', title: 'BugB: boom', events: 5, into: 'shop-1', into_events: 8, key: 'checkout' }],
      splits: [
        {
          ...{ issue: 'shop-3', events: 9 },
          parts: [
            { key: 'upload ⋄ x', title: 'BugC: boom', events: 5, issue: 'shop-3' },
            { key: 'upload ⋄ y', events: 3, issue: null },
            { key: 'upload ⋄ z', events: 1, issue: null },
          ],
        },
      ],
      titles: [{ issue: 'shop-5', events: 2, title: 'BugT: boom', new_title: 'Nobody reads t' }],
    })
    const words = await rumen(`group preview --project ${project.id} --rules ${rulesFile} --days 1`)
    expect(words.split('\n')).toContain('1 issues merge, 1 split, 0 are by themselves again, 3 stay as they are.')
    expect(await contentOf(stack.sql)).toEqual(content)
    signalAll('SIGCONT')
  })

  test('that are those it has change nothing', async () => {
    const preview = JSON.parse(await rumen(`group preview --project ${project.id} --strategy stack --json`))
    expect(preview).toMatchObject({ keys: { known: 5, novel: 0 }, merges: [], splits: [], unmerges: [], titles: [] })
  })

  test('apply to what has come already: numbers, status and moments stay, counts are exact, a second run changes nothing', async () => {
    await rumen(`group set --project ${project.id} --rules ${rulesFile}`)
    expect(await rumen(`ruminate --project ${project.id} --dry-run`)).toContain('1 issues merge, 1 split')
    expect(await numbersOf(project)).toEqual(BEFORE)
    const { rewritten, ...regrouped } = JSON.parse(await rumen(`ruminate --project ${project.id} --yes --json`))
    expect(rewritten).toMatchObject({ archives: 28, events: 28, leaving: 22, changed: {}, added: {}, removed: {} })
    expect(regrouped).toEqual({
      ...{ events: 28, moved: 22, gone: 0, beyond: 0, unread: 0 },
      merges: [{ issue: 'shop-2', into: 'shop-1' }],
      splits: ['shop-6', 'shop-7'].map((issue) => ({ issue, from: 'shop-3' })),
      unmerges: [],
    })
    expect(await numbersOf(project)).toEqual(AFTER)
    expect(await recount(stack.sql, project)).toEqual([])
    expect(await kindsOf(project)).toEqual({ merged: 2, muted: 1, resolved: 1, split: 4 })
    const issues = await issuesOf(project)
    for (const old of before.filter(({ number }) => number !== 2)) {
      const now = issues.find(({ number }) => number === old.number)
      expect(now?.first_seen <= old.first_seen).toBe(true)
      const kept = {
        status: old.status,
        title: old.number === 5 ? 'Nobody reads t' : old.title,
        resolved_at: old.resolved_at,
      }
      expect(now).toMatchObject(kept)
    }
    // Muted for a hundred more events than it had; those that moved are none.
    expect(issues.find(({ number }) => number === 1)).toMatchObject({ muted_until_count: 113 })

    signalAll('SIGSTOP')
    const content = await contentOf(stack.sql)
    expect(await rumen(`ruminate --project ${project.id} --yes`)).toContain('28 events read, 0 moved.')
    expect(await contentOf(stack.sql)).toEqual({ ...content, rumination: expect.anything() })
    signalAll('SIGCONT')
  })

  test('are undone, and every issue is what it was', async () => {
    await rumen(`group undo --project ${project.id}`)
    await rumen(`ruminate --project ${project.id} --yes`)
    // Titles, too: what rules called an issue goes with them.
    expect(await issuesOf(project)).toEqual(before)
    expect(await recount(stack.sql, project)).toEqual([])
    const [merged] = await stack.sql`
      SELECT array_agg(number::int ORDER BY number) AS numbers FROM issue WHERE project_id = ${project.id} AND merged_into IS NOT NULL`
    expect(merged).toEqual({ numbers: [6, 7] })
    // Done again, the parts are the issues they were.
    await rumen(`group undo --project ${project.id}`)
    await rumen(`ruminate --project ${project.id} --yes`)
    expect(await numbersOf(project)).toEqual(AFTER)
    expect(await recount(stack.sql, project)).toEqual([])
  })
})

test('killed half-way and run again, it comes to the same as in one run', async () => {
  const killed = await makeProject('Killed', 25)
  await rumen(`group set --project ${killed.id} --rules ${rulesFile}`)
  const gate = await openGate(stack.databaseUrl)
  const reached = gate.closeAt({
    application: 'rumen',
    statement: /UPDATE report SET grouping_id/,
    // The last statement of the chunk before.
    following: /user_count = greatest/,
    at: 'call',
  })
  const { child, ended } = start(`ruminate --project ${killed.id} --yes`, gate.url)
  await reached
  child.kill('SIGKILL')
  await ended
  await gate.remove()
  const [half] = await stack.sql`
    SELECT count(*) FILTER (WHERE key LIKE 'checkout%' OR key LIKE 'upload%')::int AS moved, count(*)::int AS events
    FROM report JOIN grouping ON grouping.id = grouping_id WHERE report.project_id = ${killed.id}`
  expect(half?.moved).toBeGreaterThan(0)
  expect(half?.moved).toBeLessThan(22 * 25)
  expect(await recount(stack.sql, killed)).toEqual([])

  await rumen(`ruminate --project ${killed.id} --yes`)
  expect(await numbersOf(killed)).toEqual({
    1: 'BugA 325 unresolved',
    3: 'BugC 125 unresolved',
    4: 'BugD 100 unresolved',
    5: 'BugT 50 unresolved',
    6: 'BugC 75 unresolved',
    7: 'BugC 25 unresolved',
  })
  expect(await kindsOf(killed)).toEqual({ merged: 2, split: 4 })
  expect(await recount(stack.sql, killed)).toEqual([])
})

test('while events come in: every one is counted once, nothing is reopened, and the next run finds nothing to do', async () => {
  const project = await makeProject('Live', 12)
  for (const line of ['mute live-1 --events 100000', 'resolve live-2', 'resolve live-3']) await rumen(`issue ${line}`)
  await rumen(`group set --project ${project.id} --rules ${rulesFile}`)
  let [isOver, sent] = [false, 28 * 12]
  const sending = Array.from({ length: 4 }, async (_, client) => {
    for (let n = client; !isOver || n < 100; n += 4) {
      const { type, part } = BUGS[n % BUGS.length] ?? BUGS[0]
      await post(project, type, part, n % 50)
      sent++
    }
  })
  const { code, errors } = await start(`ruminate --project ${project.id} --yes`).ended
  isOver = true
  await Promise.all(sending)
  expect([code, withoutProgress(errors)]).toEqual([0, ''])
  await waitForReports(stack, project, { count: sent, msMax: 100_000 })
  expect(await recount(stack.sql, project)).toEqual([])
  const places = await placesOf(project)
  expect(Object.keys(places).map((place) => place.replace(/ [yz] \d+$/, ' z, split off'))).toEqual([
    'BugA a 1',
    'BugB b 1',
    'BugC x 3',
    'BugC z, split off',
    'BugC z, split off',
    'BugD d 4',
    'BugT t 5',
  ])
  const statuses = await numbersOf(project)
  expect([statuses[1], statuses[3]]).toEqual([expect.stringMatching(/muted$/), expect.stringMatching(/resolved$/)])
  expect(await kindsOf(project)).toEqual({ merged: 2, muted: 1, resolved: 2, split: 4 })
  expect(await rumen(`ruminate --project ${project.id} --yes`)).toContain(' 0 moved.')
  expect(stack.workers.map((worker) => worker.output())).toEqual([''])
})

test('what people merged stays merged, keys that came since are split like the others, and what has no archive stays', async () => {
  const project = await makeProject('Hand')
  await rumen('issue merge hand-5 --into hand-4')
  await stack.sql`
    UPDATE archive SET body = NULL WHERE (day, hash) IN (
      SELECT day, archive_hash FROM report JOIN grouping ON grouping.id = grouping_id
      JOIN issue ON issue.id = grouping.issue_id
      WHERE report.project_id = ${project.id} AND issue.number = 2 ORDER BY report.received_at LIMIT 2)`
  await rumen(`group set --project ${project.id} --rules ${rulesFile}`)
  for (const part of ['y', 'y']) await post(project, 'BugC', part, 3)
  await post(project, 'BugB', 'b', 4)
  await waitForReports(stack, project, { count: 31 })
  expect(await numbersOf(project)).toMatchObject({ 2: 'BugB 6 unresolved', 3: 'BugC 11 unresolved' })

  const preview = JSON.parse(await rumen(`group preview --project ${project.id} --json`))
  expect(preview).toMatchObject({ events: 31, gone: 2, unread: 2, merges: [] })
  expect(await rumen(`ruminate --project ${project.id} --yes`)).toContain(
    '2 events have no archive any more and stay where they are.\n' +
      '2 events of these issues were not looked at: they stay where they are.',
  )
  expect(await numbersOf(project)).toEqual({
    1: 'BugA 12 unresolved',
    2: 'BugB 2 unresolved',
    3: 'BugC 5 unresolved',
    4: 'BugD 6 unresolved',
    6: 'BugC 5 unresolved',
    7: 'BugC 1 unresolved',
  })
  expect(await recount(stack.sql, project)).toEqual([])
  expect(await rumen(`ruminate --project ${project.id} --yes`)).toContain(' 0 moved.')

  await rumen(`group undo --project ${project.id}`)
  await rumen(`ruminate --project ${project.id} --yes`)
  expect(await numbersOf(project)).toEqual({
    1: 'BugA 8 unresolved',
    2: 'BugB 6 unresolved',
    3: 'BugC 11 unresolved',
    4: 'BugD 6 unresolved',
  })
  expect(await recount(stack.sql, project)).toEqual([])
})
