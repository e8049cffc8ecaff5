import { type Connection, connect, type Db, type Tx } from '@rumen/db/connect'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { type GroupingRef, lockIssues } from '@rumen/db/issue/lock-issues'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { reopenIssue } from '@rumen/db/issue/reopen-issue'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { splitIssue } from '@rumen/db/issue/split-issue'
import { unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { unmuteIssue } from '@rumen/db/issue/unmute-issue'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { at, count, groupingOf } from './issue-counter.ts'

const NOW = at('18:00')

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let projectId: ProjectId

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 8, name: 'test' })
  ;({ db, sql } = connection)
})

beforeEach(async () => {
  projectId = (await createProject(db, { name: 'Shop' })).id
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

interface Made {
  bug: number
  ref: GroupingRef
  projectId: ProjectId
  issueId: number
}

/** Issues with one event each, in the order they are locked in. */
async function makeIssues(howMany: number, project = projectId): Promise<Made[]> {
  const made: Made[] = []
  for (let bug = 1; bug <= howMany; bug++) {
    const ref = await groupingOf(db, project, bug)
    const [row] = await sql`SELECT issue_id FROM grouping WHERE id = ${ref.grouping_id}`
    made.push({ bug, ref, projectId: project, issueId: Number(row?.issue_id) })
    await db.transaction((tx) => countOne(tx, ref, bug))
  }
  return made
}

async function countOne(tx: Tx, ref: GroupingRef, bug = 1): Promise<boolean> {
  return await count(tx, ref, { bug, time: '12:00', level: 3, release: 'shop@1', user: '1' })
}

async function merge(from: readonly Made[], into: Made) {
  const issueIds = from.map(({ issueId }) => issueId)
  return await mergeIssues(db, { projectId, issueIds, into: into.issueId, now: NOW })
}

/** Events, users and groupings of some issues. */
async function countsOf(...made: Made[]): Promise<(number[] | null)[]> {
  const rows = made.map(async ({ issueId }) => {
    const [row] = await sql`
      SELECT event_count::int AS events, user_count::int AS users,
        (SELECT count(*)::int FROM grouping WHERE issue_id = issue.id) AS groupings
      FROM issue WHERE id = ${issueId}`
    return row ? [row.events, row.users, row.groupings] : null
  })
  return await Promise.all(rows)
}

/** Holds an issue's row until the answer is called. */
async function hold({ issueId }: Made): Promise<() => Promise<void>> {
  const holder = await sql.reserve()
  await holder`BEGIN`
  await holder`SELECT FROM issue WHERE id = ${issueId} FOR UPDATE`
  return async () => {
    await holder`COMMIT`
    holder.release()
  }
}

async function waiting(howMany: number): Promise<void> {
  await waitFor(`${howMany} behind a lock`, async () => {
    const rows = await sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return rows.length === howMany
  })
}

type Pair = [one: Made, other: Made]

async function makePair(): Promise<Pair> {
  const [one, other] = await makeIssues(2)
  if (!one || !other) throw new Error('this test is wrong')
  return [one, other]
}

describe('at the same moment', () => {
  test('an event that has found its issue before that is merged counts for the survivor', async () => {
    const [one, other] = await makePair()
    const release = await hold(other)
    const merging = merge([one], other)
    await waiting(1)
    // It looks the pointer up, and waits for the issue that the merge has locked.
    const counting = db.transaction((tx) => countOne(tx, one.ref))
    await waiting(2)
    await release()
    expect(await merging).toEqual({ outcome: 'merged' })
    expect(await counting, 'to be looked up again').toBe(false)
    expect(await db.transaction((tx) => countOne(tx, one.ref))).toBe(true)
    expect(await countsOf(one, other)).toEqual([
      [0, 0, 0],
      [3, 1, 2],
    ])
  })

  test.for(['merge', 'unmerge', 'split'] as const)(
    'a %s waits for a worker that counts, and takes what it wrote',
    async (verb) => {
      const [one, other] = await makePair()
      if (verb !== 'merge') await merge([one], other)
      const counted = Promise.withResolvers<void>()
      const commit = Promise.withResolvers<void>()
      const counting = db.transaction(async (tx) => {
        expect(await countOne(tx, one.ref)).toBe(true)
        counted.resolve()
        await commit.promise
      })
      await counted.promise
      const moving =
        verb === 'merge'
          ? merge([one], other)
          : verb === 'unmerge'
            ? unmergeIssue(db, { ...one, now: NOW })
            : splitIssue(db, { ...other, groupingIds: [one.ref.grouping_id], now: NOW })
      await waiting(1)
      commit.resolve()
      await counting
      const moved = await moving
      expect(moved).toMatchObject({ outcome: { merge: 'merged', unmerge: 'unmerged', split: 'split' }[verb] })
      const [events] = await sql`
      SELECT issue.event_count::int AS n FROM issue JOIN grouping ON issue_id = issue.id WHERE grouping.id = ${one.ref.grouping_id}`
      expect(events).toEqual({ n: verb === 'merge' ? 3 : 2 })
      expect(await countsOf(other)).toEqual([verb === 'merge' ? [3, 1, 2] : [1, 1, 1]])
    },
  )

  test('two merges of the same issues crosswise are one merge, and the other is told', async () => {
    const [one, other] = await makePair()
    const release = await hold(one)
    const merging = Promise.all([merge([one], other), merge([other], one)])
    await waiting(2)
    await release()
    const outcomes = (await merging).map(({ outcome }) => outcome)
    expect(outcomes.toSorted()).toEqual(['already_merged', 'merged'])
  })

  test('a new key of the project waits for a merge, and finds where things are afterwards', async () => {
    const [one, other] = await makePair()
    const release = await hold(one)
    const merging = merge([one], other)
    await waiting(1)
    const making = groupingOf(db, projectId, 3)
    await waiting(2)
    await release()
    expect(await merging).toEqual({ outcome: 'merged' })
    await making
    expect(await sql`SELECT FROM issue WHERE project_id = ${projectId}`).toHaveLength(3)
  })
})

describe('what cannot be', () => {
  test('is said, and nothing of it is done', async () => {
    const [one, two, three, four] = await makeIssues(4)
    if (!one || !two || !three || !four) throw new Error('this test is wrong')
    const [foreign] = await makeIssues(1, (await createProject(db, { name: 'Other' })).id)
    await merge([one], two)
    await sql`UPDATE issue SET status = 'deleting' WHERE id = ${four.issueId}`
    expect(await merge([three], three)).toEqual({ outcome: 'itself', issueId: three.issueId })
    expect(await merge([one], two), 'again').toMatchObject({ outcome: 'already_merged', issueId: one.issueId, into: 2 })
    expect(await merge([three, one], two)).toMatchObject({ outcome: 'already_merged', issueId: one.issueId, into: 2 })
    expect(await merge([three], one)).toMatchObject({ outcome: 'already_merged', issueId: one.issueId, into: 2 })
    expect(await merge([three, four], two)).toEqual({ outcome: 'deleting', issueId: four.issueId })
    expect(await merge([three], four)).toEqual({ outcome: 'deleting', issueId: four.issueId })
    for (const stranger of [foreign?.issueId ?? 0, 999_999, 2 ** 53]) {
      const unknown = { outcome: 'unknown_issue', issueId: stranger }
      expect(await merge([three, { ...one, issueId: stranger }], two)).toEqual(unknown)
      expect(await merge([three], { ...one, issueId: stranger })).toEqual(unknown)
      const address = { projectId, issueId: stranger, now: NOW }
      expect(await unmergeIssue(db, address)).toEqual({ outcome: 'unknown_issue' })
      expect(await splitIssue(db, { ...address, groupingIds: [1] })).toEqual(unknown)
    }
    expect(await unmergeIssue(db, { ...three, now: NOW })).toEqual({ outcome: 'not_merged' })
    const nowhere = parseProjectId('18446744073709551615')
    expect(await unmergeIssue(db, { ...one, projectId: nowhere, now: NOW })).toEqual({ outcome: 'unknown_issue' })
    const own = two.ref.grouping_id
    const split = (made: Made, ...groupingIds: number[]) => splitIssue(db, { ...made, groupingIds, now: NOW })
    expect(await split(two)).toEqual({ outcome: 'no_grouping' })
    expect(await split(two, own, one.ref.grouping_id, own)).toEqual({ outcome: 'all_groupings' })
    const strange = three.ref.grouping_id
    expect(await split(two, own, strange)).toEqual({ outcome: 'unknown_grouping', groupingId: strange })
    expect(await split(one, own)).toMatchObject({ outcome: 'already_merged', into: 2 })
    expect(await countsOf(one, two, three, four)).toEqual([
      [0, 0, 0],
      [2, 1, 2],
      [1, 1, 1],
      [1, 1, 1],
    ])
    expect(
      await sql`SELECT FROM activity JOIN issue ON issue.id = issue_id WHERE issue.project_id = ${projectId}`,
    ).toHaveLength(2)
  })

  test('is done to an issue that is merged, by any verb', async () => {
    const [one, other] = await makePair()
    await merge([one], other)
    for (const verb of [resolveIssue, muteIssue, unmuteIssue, reopenIssue, deleteIssue]) {
      expect(await verb(db, { ...one, now: NOW })).toBe('merged')
    }
  })
})

describe('deleting an issue', () => {
  test('takes what was merged into it, however it got there, and what their keys bring is new', async () => {
    const [one, two, three, other] = await makeIssues(4)
    if (!one || !two || !three || !other) throw new Error('this test is wrong')
    await merge([one], two)
    await merge([two], three)
    expect(await deleteIssue(db, three)).toBe('deleted')
    expect(await countsOf(one, two, three, other)).toEqual([null, null, null, [1, 1, 1]])
    for (const table of ['issue_hour', 'issue_tag', 'issue_user'] as const) {
      expect(await sql`SELECT FROM ${sql(table)} WHERE project_id = ${projectId}`, table).toHaveLength(1)
    }
    expect(await sql`SELECT FROM activity WHERE project_id = ${projectId}`).toHaveLength(0)
    const again = await groupingOf(db, projectId, 1)
    expect(again.grouping_id).toBeGreaterThan(other.ref.grouping_id)
    const [row] =
      await sql`SELECT number::int FROM issue JOIN grouping ON issue_id = issue.id WHERE grouping.id = ${again.grouping_id}`
    expect(row).toEqual({ number: 5 })
  })

  test('leaves no key that just took over an issue leading to it', async () => {
    const [one] = await makePair()
    const counter = await sql.reserve()
    await counter`BEGIN`
    await counter`SELECT FROM project_counter WHERE project_id = ${projectId} FOR UPDATE`
    const deleting = deleteIssue(db, one)
    await waiting(1)
    // As it is made while a project moves to other rules.
    await counter`
      INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts, adopted_from)
      SELECT project_id, '\\x99', issue_id, 'v1', 'new', '[]', id FROM grouping WHERE id = ${one.ref.grouping_id}`
    await counter`COMMIT`
    counter.release()
    expect(await deleting).toBe('deleted')
    expect(await sql`SELECT FROM grouping WHERE project_id = ${projectId} AND key = 'new'`).toHaveLength(0)
  })

  test('that was killed half-way goes on with all of them', async () => {
    const [one, two] = await makePair()
    await merge([one], two)
    await sql`UPDATE issue SET status = 'deleting' WHERE project_id = ${projectId}`
    expect(await unmergeIssue(db, { ...one, now: NOW })).toEqual({ outcome: 'deleting' })
    expect(await db.transaction((tx) => lockIssues(tx, [one.ref]))).toEqual(new Map())
    expect(await deleteIssue(db, two)).toBe('deleted')
    expect(await countsOf(one, two)).toEqual([null, null])
  })
})
