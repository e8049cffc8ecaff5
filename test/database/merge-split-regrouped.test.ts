import { type Connection, connect, type Db } from '@rumen/db/connect'
import { findIssue } from '@rumen/db/issue/find-issue'
import { findSurvivor } from '@rumen/db/issue/find-survivor'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { splitIssue } from '@rumen/db/issue/split-issue'
import { unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { type MovingReport, moveReports } from '@rumen/db/regroup/move-reports'
import { regroupIssues } from '@rumen/db/regroup/regroup-issues'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recount } from '../support/recount.ts'
import { describedKey, keyHashOf, makeGroupings, storeReports } from '../support/store-reports.ts'

// What people merge and split once other rules have moved reports: groupings without events are left behind.

const NOW = new Date('2026-11-21T18:00:00Z')
/** Of the rules of a project nobody has moved. */
const VERSION = 1

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
  ;({ db, sql } = connection)
})

beforeEach(async () => {
  project = await createProject(db, { name: `Shop ${++projects}` })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

interface Bug {
  groupingId: number
  address: IssueAddress
  reports: readonly MovingReport[]
}

/** A bug with an issue of its own, and so many events. */
async function makeBug(key: string, events: number): Promise<Bug> {
  const [groupingId = 0] = await makeGroupings({ db, projectId: project.id }, [key])
  const sent = Array.from({ length: events }, (_, n) => ({ user: { id: `${key} ${n}` } }))
  const reports = events === 0 ? [] : await storeReports({ db, projectId: project.id }, groupingId, sent)
  const [row] = await sql<{ issue_id: string }[]>`SELECT issue_id FROM grouping WHERE id = ${groupingId}`
  return { groupingId, reports, address: { projectId: project.id, issueId: Number(row?.issue_id) } }
}

/** Rules give some bugs one new key, which goes on with what the first of them has; its grouping. */
async function regroup(bugs: readonly Bug[], into: Bug, merged: readonly Bug[] = []): Promise<number> {
  const [keyHash, heirOf] = [keyHashOf('new'), bugs[0]?.groupingId ?? null]
  const { issueId } = into.address
  const { groupingIds } = await regroupIssues(
    db,
    {
      ...{ projectId: project.id, version: VERSION, now: NOW, described: new Map([[keyHash, describedKey('new')]]) },
      ...{ groupingIds: bugs.map(({ groupingId }) => groupingId), keyHashes: [] },
    },
    () => ({
      keys: [{ keyHash, issueId, heirOf, events: 1, mostlyOf: issueId }],
      merged: merged.map((one) => ({ issueId: one.address.issueId, into: issueId })),
      unmerged: [],
    }),
  )
  const to = groupingIds.get(keyHash) ?? 0
  await move(
    bugs.flatMap(({ reports }) => reports),
    to,
  )
  return to
}

async function move(reports: readonly MovingReport[], to: number): Promise<void> {
  const moving = reports.map((one) => ({ ...one, to }))
  const place = { projectId: project.id, version: VERSION, day: dayOf(new Date()) }
  expect(await moveReports(db, { ...place, reports: moving })).toBe(reports.length)
}

async function merge(from: Bug, into: Bug): Promise<void> {
  const { projectId, issueId } = into.address
  await mergeIssues(db, { projectId, issueIds: [from.address.issueId], into: issueId, now: NOW })
}

async function split({ address }: Bug, ...groupingIds: number[]) {
  return await splitIssue(db, { ...address, groupingIds, now: NOW })
}

async function unmerge({ address }: Bug) {
  return await unmergeIssue(db, { ...address, now: NOW })
}

/** Everything of issues, groupings and timelines of the project. */
async function everything() {
  const { id } = project
  return {
    issues: [...(await sql`SELECT * FROM issue WHERE project_id = ${id} ORDER BY id`)],
    groupings: [...(await sql`SELECT * FROM grouping WHERE project_id = ${id} ORDER BY id`)],
    activity: [...(await sql`SELECT * FROM activity WHERE project_id = ${id} ORDER BY id`)],
    counter: [...(await sql`SELECT * FROM project_counter WHERE project_id = ${id}`)],
  }
}

/** Events of the issues people find, by their numbers. */
async function found(): Promise<Record<number, number>> {
  const rows = await sql<{ number: number; events: number }[]>`
    SELECT number::int, event_count::int AS events FROM issue WHERE project_id = ${project.id} ORDER BY number`
  const seen: Record<number, number> = {}
  for (const { number, events } of rows) {
    if ((await findIssue(db, { slug: project.slug, number })) !== null) seen[number] = events
  }
  expect(await recount(sql, project)).toEqual([])
  return seen
}

describe('a split', () => {
  test('never leaves an issue without events, though groupings without any would stay', async () => {
    const bug = await makeBug('a', 3)
    const live = await regroup([bug], bug)
    const before = await everything()
    expect(await split(bug, live)).toEqual({ outcome: 'all_groupings' })
    expect(await everything()).toEqual(before)
    expect(await found()).toEqual({ 1: 3 })
  })

  test('makes no issue of groupings without events', async () => {
    const bug = await makeBug('a', 3)
    await regroup([bug], bug)
    const before = await everything()
    expect(await split(bug, bug.groupingId)).toEqual({ outcome: 'no_events' })
    expect(await everything()).toEqual(before)
  })

  test('takes those without events along with those that have some', async () => {
    const [bug, other] = [await makeBug('a', 3), await makeBug('b', 2)]
    const live = await regroup([bug], bug)
    await merge(other, bug)
    expect(await split(bug, bug.groupingId, live)).toMatchObject({ outcome: 'split', number: 3 })
    expect(await found()).toEqual({ 1: 2, 2: 0, 3: 3 })
  })

  test('of an issue nothing has been counted of yet is none', async () => {
    const bug = await makeBug('a', 0)
    expect(await split(bug, bug.groupingId)).toEqual({ outcome: 'no_events' })
  })
})

describe('an unmerge', () => {
  test('is none when rules moved all events of the issue to a grouping of the other, until they are back', async () => {
    const [into, from] = [await makeBug('a', 3), await makeBug('b', 2)]
    const live = await regroup([into, from], into, [from])
    const before = await everything()
    expect(await unmerge(from)).toEqual({ outcome: 'no_events', into: 1 })
    expect(await everything()).toEqual(before)
    expect(await findSurvivor(db, from.address)).toMatchObject({ number: 1 })
    expect(await found()).toEqual({ 1: 5, 2: 0 })
    await move(
      from.reports.slice(0, 1).map((one) => ({ ...one, from: live })),
      from.groupingId,
    )
    expect(await unmerge(from)).toEqual({ outcome: 'unmerged', from: 1 })
    expect(await found()).toEqual({ 1: 4, 2: 1 })
  })

  test('is none when rules moved all events of the other issue to a grouping that would come along, until they are back', async () => {
    const [from, into] = [await makeBug('a', 3), await makeBug('b', 2)]
    await merge(from, into)
    const live = await regroup([from, into], into)
    const before = await everything()
    expect(await unmerge(from)).toEqual({ outcome: 'nothing_would_stay', into: 2 })
    expect(await everything()).toEqual(before)
    expect(await found()).toEqual({ 1: 0, 2: 5 })
    await move(
      into.reports.map((one) => ({ ...one, from: live })),
      into.groupingId,
    )
    expect(await unmerge(from)).toEqual({ outcome: 'unmerged', from: 2 })
    expect(await found()).toEqual({ 1: 3, 2: 2 })
  })

  test('takes groupings without events along with those that have some', async () => {
    const [from, into] = [await makeBug('a', 3), await makeBug('b', 2)]
    await merge(from, into)
    await regroup([from], into)
    expect(await unmerge(from)).toEqual({ outcome: 'unmerged', from: 2 })
    expect(await found()).toEqual({ 1: 3, 2: 2 })
    const rows = await sql`SELECT FROM grouping WHERE issue_id = ${from.address.issueId}`
    expect(rows).toHaveLength(2)
  })
})
