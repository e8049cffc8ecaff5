import { type Connection, connect, type Db } from '@rumen/db/connect'
import { describeGrouping } from '@rumen/db/grouping-config/describe-grouping'
import { moveGrouping } from '@rumen/db/grouping-config/move-grouping'
import { readConfigs } from '@rumen/db/grouping-config/read-configs'
import { undoGrouping } from '@rumen/db/grouping-config/undo-grouping'
import { createIssues, type NewIssue } from '@rumen/db/issue/create-issues'
import { deleteIssue } from '@rumen/db/issue/delete-issue'
import { groupingAddress } from '@rumen/db/issue/find-groupings'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const LATER = new Date('2026-11-22T12:00:00Z')
const MONTH = new Date('2026-12-21T12:00:00Z')
/** Wider than an identity gets. */
const NOBODY = [parseProjectId('999999'), parseProjectId('18446744073709551615')]

let database: DatabaseClone
let connection: Connection
let db: Db
let sql: Sql
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 10, name: 'test' })
  ;({ db, sql } = connection)
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function addProject(): Promise<ProjectId> {
  return (await createProject(db, { name: `Project ${++projects}` })).id
}

/** What the project says of its grouping, versions as their numbers. */
async function stateOf(projectId: ProjectId) {
  const described = await describeGrouping(db, projectId)
  if (described === null) throw new Error(`there is no project ${projectId}`)
  const { current, formerVersion, adoptsUntil, versions } = described
  return { current: current.version, formerVersion, adoptsUntil, versions: versions.map(({ version }) => version) }
}

describe('the grouping of a project', () => {
  test('is described from the first version on', async () => {
    const projectId = await addProject()
    const first = { version: 1, mechanism: 'v1', strategy: 'stack', rules: '', createdAt: expect.any(Date) }
    expect(await describeGrouping(db, projectId)).toEqual({
      ...{ current: first, formerVersion: null, adoptsUntil: null, versions: [first] },
    })
  })

  test('is moved to a version of its own, and what is not given stays', async () => {
    const projectId = await addProject()
    const rules = 'type:E -> fingerprint=e\n'
    const move = { projectId, adoptsUntil: MONTH, now: NOW }
    expect(await moveGrouping(db, { ...move, given: { rules } })).toEqual({
      ...{ outcome: 'moved', version: 2, former: 1, unfinished: null },
    })
    await moveGrouping(db, { ...move, given: { strategy: 'transaction' }, adoptsUntil: null, now: LATER })
    await moveGrouping(db, { ...move, given: { mechanism: 'v9', rules: '' } })
    const described = await describeGrouping(db, projectId)
    expect(described).toMatchObject({ formerVersion: 3, adoptsUntil: MONTH, current: { version: 4, createdAt: NOW } })
    expect(described?.versions.slice(1)).toEqual([
      { version: 2, mechanism: 'v1', strategy: 'stack', rules, createdAt: NOW },
      { version: 3, mechanism: 'v1', strategy: 'transaction', rules, createdAt: LATER },
      { version: 4, mechanism: 'v9', strategy: 'transaction', rules: '', createdAt: NOW },
    ])
    expect(await readConfigs(db, [{ projectId, version: 2 }])).toEqual([
      { projectId, version: 2, mechanism: 'v1', strategy: 'stack', rules },
    ])
  })

  test('is not moved to what it is', async () => {
    const projectId = await addProject()
    const move = { projectId, adoptsUntil: MONTH, now: NOW }
    await moveGrouping(db, { ...move, given: { strategy: 'transaction' } })
    const before = await stateOf(projectId)
    for (const given of [{}, { mechanism: 'v1' }, { strategy: 'transaction', rules: '' }]) {
      expect(await moveGrouping(db, { ...move, given, adoptsUntil: null })).toEqual({
        outcome: 'unchanged',
        version: 2,
      })
    }
    expect(await stateOf(projectId)).toEqual(before)
  })

  test('tells when the move before was not over', async () => {
    const projectId = await addProject()
    const move = async (rules: string, now: Date) =>
      await moveGrouping(db, { projectId, given: { rules }, adoptsUntil: LATER, now })
    await move('# one', NOW)
    expect(await move('# two', NOW)).toMatchObject({ version: 3, former: 2, unfinished: 1 })
    expect(await move('# three', LATER)).toMatchObject({ version: 4, former: 3, unfinished: null })
  })

  test('is undone, undone again, and moved on under a number nobody had', async () => {
    const projectId = await addProject()
    const adoptsUntil = MONTH
    expect(await undoGrouping(db, { projectId, adoptsUntil })).toEqual({ outcome: 'nothing_to_undo' })
    await moveGrouping(db, { projectId, given: { strategy: 'transaction' }, adoptsUntil: LATER, now: NOW })
    expect(await undoGrouping(db, { projectId, adoptsUntil })).toEqual({ outcome: 'undone', version: 1, former: 2 })
    expect(await stateOf(projectId)).toEqual({ current: 1, formerVersion: 2, adoptsUntil, versions: [1, 2] })
    expect(await undoGrouping(db, { projectId, adoptsUntil: null })).toEqual({
      outcome: 'undone',
      version: 2,
      former: 1,
    })
    expect(await stateOf(projectId)).toEqual({ current: 2, formerVersion: 1, adoptsUntil: null, versions: [1, 2] })
    await undoGrouping(db, { projectId, adoptsUntil })
    const moved = await moveGrouping(db, { projectId, given: { rules: '# new' }, adoptsUntil, now: LATER })
    expect(moved).toMatchObject({ outcome: 'moved', version: 3, former: 1 })
  })

  test('is moved by several at once one after the other', async () => {
    const projectId = await addProject()
    const moves = Array.from({ length: 6 }, (_, n) =>
      moveGrouping(db, { projectId, given: { rules: `# ${n}` }, adoptsUntil: MONTH, now: NOW }),
    )
    const versions = (await Promise.all(moves)).map((moved) =>
      moved.outcome === 'moved' ? [moved.former, moved.version] : [],
    )
    expect(versions.toSorted((one, other) => (one[1] ?? 0) - (other[1] ?? 0))).toEqual(
      [2, 3, 4, 5, 6, 7].map((n) => [n - 1, n]),
    )
    expect(await stateOf(projectId)).toMatchObject({ current: 7, formerVersion: 6, versions: [1, 2, 3, 4, 5, 6, 7] })
  })

  test('of nobody, or of a project that is being deleted, is told apart by every verb', async () => {
    const deleted = await addProject()
    await sql`UPDATE project SET status = 'deleting' WHERE id = ${deleted}`
    for (const projectId of [...NOBODY, deleted]) {
      expect(await describeGrouping(db, projectId)).toBeNull()
      const unknown = { outcome: 'unknown_project' }
      expect(await moveGrouping(db, { projectId, given: { rules: '#' }, adoptsUntil: null, now: NOW })).toEqual(unknown)
      expect(await undoGrouping(db, { projectId, adoptsUntil: null })).toEqual(unknown)
    }
    expect(await sql`SELECT FROM grouping_config WHERE project_id = ${deleted}`).toHaveLength(1)
  })
})

function keyHash(key: string): string {
  return `\\x${Buffer.from(key).toString('hex').padStart(64, '0')}`
}

/** An issue that would be begun by an event of this key. */
function wanted(project_id: ProjectId, key: string, former: string | null = null): NewIssue {
  return {
    ...{ project_id, key_hash: keyHash(key), former_key_hash: former === null ? null : keyHash(former) },
    ...{ mechanism: former === null ? 'v1' : 'v2', key, parts: [{ kind: 'message', text: key }] },
    ...{ title: `title of ${key}`, culprit: '', type: null, value: null, level: 3, seen_at: NOW },
  }
}

/** Makes them in one call, and gives their ids in order. */
async function create(...all: NewIssue[]): Promise<number[]> {
  const ids = await createIssues(db, all)
  return all.map((one) => ids.get(groupingAddress(one)) ?? never())
}

/** Each key of a project that somebody may still look up: the number of the issue it leads to, and the key it came from. */
async function keysOf(
  projectId: ProjectId,
): Promise<Record<string, [issue: number | null, adoptedFrom: string | null]>> {
  const rows = await sql<{ key: string; issue: number | null; former: string | null }[]>`
    SELECT grouping.key, issue.number::int AS issue, former.key AS former
    FROM grouping
    LEFT JOIN issue ON issue.project_id = grouping.project_id AND issue.id = grouping.issue_id AND issue.status <> 'deleting'
    LEFT JOIN grouping AS former ON former.project_id = grouping.project_id AND former.id = grouping.adopted_from
    WHERE grouping.project_id = ${projectId} AND octet_length(grouping.key_hash) = 32 ORDER BY grouping.key`
  return Object.fromEntries(rows.map(({ key, issue, former }) => [key, [issue, former]]))
}

async function issueIdOf(groupingId: number): Promise<number> {
  const [row] = await sql<{ issue_id: string }[]>`SELECT issue_id FROM grouping WHERE id = ${groupingId}`
  return Number(row?.issue_id)
}

describe('a key nobody has seen, while its project moves', () => {
  test('takes over the issue of the former key, with all that is known of it', async () => {
    const projectId = await addProject()
    const [old = never()] = await create(wanted(projectId, 'old'))
    await sql`UPDATE issue SET status = 'muted', event_count = 7 WHERE project_id = ${projectId}`
    const [id = never()] = await create(wanted(projectId, 'new', 'old'))
    expect(await keysOf(projectId)).toEqual({ new: [1, 'old'], old: [1, null] })
    const [row] = await sql`
      SELECT grouping.mechanism, grouping.parts, grouping.adopted_from::int, title, status, issue.event_count::int AS events
      FROM grouping JOIN issue ON issue.id = issue_id WHERE grouping.id = ${id}`
    expect(row).toEqual({
      ...{ mechanism: 'v2', parts: [{ kind: 'message', text: 'new' }], adopted_from: old },
      ...{ title: 'title of old', status: 'muted', events: 7 },
    })
  })

  test('and whose former one nobody has seen either, begins an issue', async () => {
    const projectId = await addProject()
    await create(wanted(projectId, 'new', 'old'))
    expect(await keysOf(projectId)).toEqual({ new: [1, null] })
    // Undone, the former one takes over in its turn.
    await create(wanted(projectId, 'old', 'new'))
    expect(await keysOf(projectId)).toEqual({ new: [1, null], old: [1, 'new'] })
  })

  test('shares the issue with the others that its former key was split into', async () => {
    const projectId = await addProject()
    await create(wanted(projectId, 'old'))
    await create(wanted(projectId, 'one', 'old'), wanted(projectId, 'two', 'old'))
    await create(wanted(projectId, 'three', 'old'))
    expect(await keysOf(projectId)).toEqual({ old: [1, null], one: [1, 'old'], two: [1, 'old'], three: [1, 'old'] })
  })

  test('goes where the first of its former keys leads, in one batch or in two', async () => {
    const projectId = await addProject()
    await create(wanted(projectId, 'a'))
    await create(wanted(projectId, 'b'))
    const ids = await create(wanted(projectId, 'ba', 'b'), wanted(projectId, 'ba', 'a'))
    expect(new Set(ids).size).toBe(1)
    await create(wanted(projectId, 'ab', 'a'))
    await create(wanted(projectId, 'ab', 'b'))
    const [row] = await sql`SELECT issue_number::int AS n FROM project_counter WHERE project_id = ${projectId}`
    expect(await keysOf(projectId)).toEqual({ a: [1, null], ab: [1, 'a'], b: [2, null], ba: [2, 'b'] })
    expect(row).toEqual({ n: 2 })
  })

  test('goes where any of its former keys leads, if the first is new too', async () => {
    const projectId = await addProject()
    await create(wanted(projectId, 'known'))
    await create(wanted(projectId, 'new', 'unseen'), wanted(projectId, 'new', 'known'))
    expect(await keysOf(projectId)).toEqual({ known: [1, null], new: [1, 'known'] })
  })

  test('is called after its first event where none leads anywhere', async () => {
    const projectId = await addProject()
    const first = { ...wanted(projectId, 'new', 'one'), title: 'first' }
    await create(first, { ...wanted(projectId, 'new', 'two'), title: 'second' })
    expect(await sql`SELECT title FROM issue WHERE project_id = ${projectId}`).toEqual([{ title: 'first' }])
  })

  test('takes nothing over in another project', async () => {
    const [one, other] = [await addProject(), await addProject()]
    await create(wanted(one, 'old'))
    await create(wanted(other, 'new', 'old'), wanted(one, 'mine', 'old'))
    expect(await keysOf(other)).toEqual({ new: [1, null] })
    expect(await keysOf(one)).toEqual({ mine: [1, 'old'], old: [1, null] })
  })

  test('takes over the issue that the one it had is merged into', async () => {
    const projectId = await addProject()
    const [old = never(), into = never()] = await create(wanted(projectId, 'old'), wanted(projectId, 'into'))
    const survivor = await issueIdOf(into)
    await mergeIssues(db, { projectId, issueIds: [await issueIdOf(old)], into: survivor, now: NOW })
    const [id = never()] = await create(wanted(projectId, 'new', 'old'))
    expect(await issueIdOf(id)).toBe(survivor)
  })

  test('is made once by however many workers meet it at once', async () => {
    const projectId = await addProject()
    const formers = Array.from({ length: 10 }, (_, n) => `old ${n}`)
    await create(...formers.map((key) => wanted(projectId, key)))
    const news = formers.flatMap((former, n) => [
      wanted(projectId, `new ${n}`, former),
      wanted(projectId, `shared ${n % 2}`, former),
      wanted(projectId, `novel ${n}`, `never ${n}`),
    ])
    const answers = await Promise.all(
      Array.from({ length: 6 }, () =>
        createIssues(
          db,
          news.toSorted(() => Math.random() - 0.5),
        ),
      ),
    )
    for (const answer of answers)
      expect(new Map([...answer].toSorted())).toEqual(new Map([...(answers[0] ?? [])].toSorted()))
    expect(answers[0]?.size).toBe(22)
    const [row] = await sql`
      SELECT count(*)::int AS keys, count(DISTINCT issue_id)::int AS issues FROM grouping WHERE project_id = ${projectId}`
    expect(row).toEqual({ keys: 32, issues: 20 })
  })
})

describe('an issue that is deleted while a key takes it over', () => {
  /** Both behind the project's counter, in the order given; then both are done. */
  async function inOrder(projectId: ProjectId, steps: readonly (() => Promise<unknown>)[]): Promise<void> {
    const { promise, resolve: release } = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const holder = sql.begin(async (tx) => {
      await tx`SELECT FROM project_counter WHERE project_id = ${projectId} FOR UPDATE`
      held.resolve()
      await promise
    })
    await held.promise
    const running: Promise<unknown>[] = []
    for (const step of steps) {
      running.push(step())
      await waitFor('one more behind the lock', async () => (await countWaiting()) === running.length)
    }
    release()
    await Promise.all([holder, ...running])
  }

  async function countWaiting(): Promise<number> {
    return (
      await sql`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    ).length
  }

  async function takeOver(order: 'adopted first' | 'deleted first') {
    const projectId = await addProject()
    const [old = never()] = await create(wanted(projectId, 'old'))
    const issueId = await issueIdOf(old)
    const steps = [() => create(wanted(projectId, 'new', 'old')), () => deleteIssue(db, { projectId, issueId })]
    await inOrder(projectId, order === 'adopted first' ? steps : steps.toReversed())
    return projectId
  }

  test('takes the key with it that came first', async () => {
    const projectId = await takeOver('adopted first')
    expect(await sql`SELECT FROM grouping WHERE project_id = ${projectId}`).toHaveLength(0)
    expect(await sql`SELECT FROM issue WHERE project_id = ${projectId}`).toHaveLength(0)
    await create(wanted(projectId, 'new', 'old'))
    expect(await keysOf(projectId)).toEqual({ new: [2, null] })
  })

  test('leaves a new issue to the key that came second', async () => {
    const projectId = await takeOver('deleted first')
    expect(await keysOf(projectId)).toEqual({ new: [2, null] })
    expect(await sql`SELECT FROM issue WHERE project_id = ${projectId}`).toHaveLength(1)
  })
})

function never(): never {
  throw new Error('this test is wrong')
}
