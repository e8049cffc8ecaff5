import { type Connection, connect, type Db } from '@rumen/db/connect'
import { moveGrouping } from '@rumen/db/grouping-config/move-grouping'
import { undoGrouping } from '@rumen/db/grouping-config/undo-grouping'
import { holdCounter } from '@rumen/db/issue/hold-counter'
import { holdIssues } from '@rumen/db/issue/hold-issue'
import { unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { dayOf } from '@rumen/db/partition/day'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { type MovingReport, moveReports } from '@rumen/db/regroup/move-reports'
import type { PlacedKey, Placement } from '@rumen/db/regroup/pointer-changes'
import { readStanding } from '@rumen/db/regroup/read-standing'
import { regroupIssues } from '@rumen/db/regroup/regroup-issues'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contentOf, recount } from '../support/recount.ts'
import { describedKey, keyHashOf, makeGroupings, type Sent, storeReports } from '../support/store-reports.ts'
import { waitFor } from '../support/wait-for.ts'

const TODAY = dayOf(new Date())
const NOW = new Date('2026-11-21T12:00:00Z')
/** Of the rules each project has. */
const VERSION = 2

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let project: NewProject
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 6, name: 'test' })
  ;({ db, sql } = connection)
})

beforeEach(async () => {
  project = await createProject(db, { name: `Shop ${++projects}` })
  await moveGrouping(db, {
    projectId: project.id,
    given: { rules: 'type:A -> title="A"' },
    adoptsUntil: null,
    now: NOW,
  })
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function store(groupingId: number, sent: readonly Sent[]): Promise<MovingReport[]> {
  return await storeReports({ db, projectId: project.id }, groupingId, sent)
}

async function makeKeys(...keys: readonly string[]): Promise<number[]> {
  return await makeGroupings({ db, projectId: project.id }, keys)
}

async function issueOf(groupingId: number): Promise<number> {
  const [row] = await sql<{ issue_id: string }[]>`SELECT issue_id FROM grouping WHERE id = ${groupingId}`
  return Number(row?.issue_id)
}

async function move(reports: readonly MovingReport[], to: number, version = VERSION): Promise<number> {
  const moving = reports.map((one) => ({ ...one, to }))
  return await moveReports(db, { projectId: project.id, version, day: TODAY, reports: moving })
}

function never(): never {
  throw new Error('it was there when the test was written')
}

/** As a plan would place keys: by name, the issue of a grouping, and whose heir it is. */
function placed(key: string, issueId: number | null, heirOf: number | null, mostlyOf = issueId ?? 0): PlacedKey {
  return { keyHash: keyHashOf(key), issueId, events: 1, heirOf, mostlyOf }
}

/** Applies a plan that knows the keys a, b, x and y. */
async function regroup(
  keys: readonly PlacedKey[],
  { merged = [], unmerged = [] }: Partial<Placement> = {},
  version = VERSION,
) {
  const described = new Map(['x', 'y'].map((key) => [keyHashOf(key), describedKey(key)]))
  const keyHashes = [...keys.map(({ keyHash }) => keyHash), ...['a', 'b'].map(keyHashOf)]
  const regrouping = { projectId: project.id, version, now: NOW, described, groupingIds: [], keyHashes }
  return await regroupIssues(db, regrouping, () => ({ keys, merged, unmerged }))
}

async function untilWaiting(count: number): Promise<void> {
  await waitFor(`${count} behind a lock`, async () => {
    const waiting = await sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    return waiting.length === count
  })
}

describe('issues under other rules', () => {
  test('that merge reopen nothing: a resolved one stays resolved, whatever comes to it', async () => {
    const [a = 0, b = 0] = await makeKeys('a', 'b')
    await store(a, [{ at: '08:00' }])
    await store(b, [{ at: '20:00' }])
    const [into, issueId] = [await issueOf(a), await issueOf(b)]
    await sql`UPDATE issue SET status = 'resolved', resolved_at = ${`${TODAY}T12:00Z`} WHERE id = ${into}`
    await regroup([placed('x', into, a)], { merged: [{ issueId, into }] })
    const issues = await sql`
      SELECT status, event_count::int, merged_into::int FROM issue WHERE project_id = ${project.id} ORDER BY number`
    expect(issues).toEqual([
      { status: 'resolved', event_count: 2, merged_into: null },
      { status: 'unresolved', event_count: 0, merged_into: into },
    ])
    const timeline =
      await sql`SELECT issue_id::int, kind, data FROM activity WHERE project_id = ${project.id} ORDER BY id`
    expect(timeline).toEqual([
      { issue_id: issueId, kind: 'merged', data: { into: 1, groupings: [b], events: 1, version: 2 } },
      { issue_id: into, kind: 'merged', data: { from: 2, version: 2 } },
    ])
    expect(await recount(sql, project)).toEqual([])
  })

  test('are seen first when they were, though the first event of theirs goes to another one', async () => {
    const [a = 0] = await makeKeys('a')
    const reports = await store(a, [
      { at: '08:00', release: '1.0' },
      { at: '09:00', release: '2.0' },
    ])
    const issueId = await issueOf(a)
    const { groupingIds, begun } = await regroup([placed('x', issueId, a), placed('y', null, null, issueId)])
    const idOf = (key: string) => groupingIds.get(keyHashOf(key)) ?? never()
    await move(reports.slice(0, 1), idOf('y'))
    await move(reports.slice(1), idOf('x'))
    const issues = await sql`
      SELECT number::int, title, event_count::int, first_seen = ${`${TODAY}T08:00Z`} AS "isFirst", first_release, last_release
      FROM issue WHERE project_id = ${project.id} ORDER BY number`
    const first = { event_count: 1, isFirst: true, first_release: '1.0' }
    expect(issues).toEqual([
      { number: 1, title: 'a', ...first, last_release: '2.0' },
      { number: 2, title: 'y', ...first, last_release: '1.0' },
    ])
    expect([...begun.values()]).toEqual([{ id: await issueOf(idOf('y')), number: 2 }])
    expect(await recount(sql, project)).toEqual([])
  })

  test('that split one are known to have done so, and other rules to have not', async () => {
    const [a = 0] = await makeKeys('a')
    await store(a, [{}])
    const { groupingIds } = await regroup([placed('y', null, null, await issueOf(a))])
    const id = groupingIds.get(keyHashOf('y')) ?? never()
    const splitOff = async (version: number | null) => {
      const standing = await readStanding(db, { projectId: project.id, version, groupingIds: [id], keyHashes: [] })
      return standing.groupings.map(({ isSplitOff }) => isSplitOff)
    }
    expect([await splitOff(2), await splitOff(3), await splitOff(null)]).toEqual([[true], [false], [false]])
  })

  test('that place every key where it is wait for no issue, and leave no trace', async () => {
    const [a = 0] = await makeKeys('a')
    await store(a, [{}])
    const issueId = await issueOf(a)
    await db.transaction(async (tx) => {
      await holdIssues(tx, project.id, [issueId])
      await regroup([placed('a', issueId, null)])
    })
    expect(await sql`SELECT FROM activity WHERE project_id = ${project.id}`).toHaveLength(0)
  })
})

describe('an issue muted for a number of further events', () => {
  /** The second of two issues, which waits for five more than the ten it has. */
  async function mutedAndMerged() {
    const [a = 0, b = 0] = await makeKeys('a', 'b')
    await store(
      a,
      Array.from({ length: 50 }, () => ({})),
    )
    const reports = await store(
      b,
      Array.from({ length: 10 }, () => ({})),
    )
    const [into, issueId] = [await issueOf(a), await issueOf(b)]
    await sql`UPDATE issue SET status = 'muted', muted_until_count = 15 WHERE id = ${issueId}`
    await regroup([placed('a', into, null)], { merged: [{ issueId, into }] })
    return { a, b, issueId, reports }
  }
  const muteOf = async (issueId: number) => {
    const [row] = await sql`
      SELECT status, event_count::int AS events, muted_until_count::int AS until FROM issue WHERE id = ${issueId}`
    return row
  }
  const MUTED = { status: 'muted', events: 10, until: 15 }

  test('waits for as many when a merge by rules is taken back by hand', async () => {
    const { issueId } = await mutedAndMerged()
    await unmergeIssue(db, { projectId: project.id, issueId, now: NOW })
    expect(await muteOf(issueId)).toEqual(MUTED)
  })

  test('waits for as many when other rules take it back, and its events come after it', async () => {
    const { a, b, issueId, reports } = await mutedAndMerged()
    expect(await move(reports, a)).toBe(10)
    await undoGrouping(db, { projectId: project.id, adoptsUntil: null })
    await regroup([placed('b', issueId, null)], { unmerged: [issueId] }, 1)
    expect(await muteOf(issueId)).toEqual({ status: 'muted', events: 0, until: 5 })
    const back = reports.map((one) => ({ ...one, from: a }))
    expect(await move(back, b, 1)).toBe(10)
    expect(await muteOf(issueId)).toEqual(MUTED)
    expect(await recount(sql, project)).toEqual([])
  })
})

describe('keys that inherit', () => {
  test.for([
    ['in the order of their ids', (ids: readonly number[]) => ids],
    ['in the other order', (ids: readonly number[]) => ids.toReversed()],
  ] as const)('wait for a digest that counts two of them %s, and it does not wait for them', async ([, order]) => {
    const [a = 0, b = 0] = await makeKeys('a', 'b')
    for (const id of [a, b]) await store(id, [{}, {}])
    const issues = [await issueOf(a), await issueOf(b)]
    const heirs: number[] = []
    for (const [key, adoptedFrom] of [['x', a] as const, ['y', b] as const]) {
      const [row] = await sql<{ id: string }[]>`
        INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts, adopted_from)
        VALUES (${project.id}, decode(${keyHashOf(key)}, 'hex'), ${await issueOf(adoptedFrom)}, 'v1', ${key}, '[]', ${adoptedFrom})
        RETURNING id`
      heirs.push(Number(row?.id))
    }
    let regrouped: Promise<unknown> | null = null
    const [first = 0, second = 0] = order(heirs)
    await sql.begin(async (tx) => {
      await tx`SELECT FROM issue WHERE id = ANY (${issues}) ORDER BY id FOR NO KEY UPDATE`
      await tx`UPDATE grouping SET event_count = event_count + 1 WHERE id = ${first}`
      regrouped = regroup([placed('x', issues[0] ?? 0, a), placed('y', issues[1] ?? 0, b)]).catch((error) => error)
      await untilWaiting(1)
      await tx`UPDATE grouping SET event_count = event_count + 1 WHERE id = ${second}`
    })
    expect(await regrouped).toMatchObject({ begun: new Map() })
    const rows = await sql`
      SELECT event_count::int AS events, first_seen IS NOT NULL AS "isPassedOn" FROM grouping WHERE id = ANY (${heirs})`
    expect(rows).toEqual([
      { events: 1, isPassedOn: true },
      { events: 1, isPassedOn: true },
    ])
  })
})

describe('rules that were changed meanwhile', () => {
  test('change nothing more: no issue, and no report', async () => {
    const [a = 0, b = 0] = await makeKeys('a', 'b')
    const reports = await store(a, [{}])
    await store(b, [{}])
    const before = await contentOf(sql)
    const merged = [{ issueId: await issueOf(a), into: await issueOf(b) }]
    const sentence = 'the rules were changed meanwhile'
    await expect(regroup([placed('x', await issueOf(b), b)], { merged }, 1)).rejects.toThrow(sentence)
    await expect(move(reports, b, 1)).rejects.toThrow(sentence)
    expect(await contentOf(sql)).toEqual(before)
    expect(await move(reports, b)).toBe(1)
  })

  test.for([
    ['moved', () => moveGrouping(db, { projectId: project.id, given: { rules: '' }, adoptsUntil: null, now: NOW })],
    ['moved back', () => undoGrouping(db, { projectId: project.id, adoptsUntil: null })],
  ] as const)('wait for whoever works by them: a project is %s afterwards', async ([, change]) => {
    const versionOf = async () => (await sql`SELECT grouping_version FROM project WHERE id = ${project.id}`)[0]
    let changed: Promise<unknown> | null = null
    await db.transaction(async (tx) => {
      await holdCounter(tx, project.id)
      changed = change()
      await untilWaiting(1)
      expect(await versionOf()).toEqual({ grouping_version: VERSION })
    })
    await changed
    expect(await versionOf()).not.toEqual({ grouping_version: VERSION })
  })
})
