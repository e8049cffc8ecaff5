import { type Connection, connect } from '@rumen/db/connect'
import type { NewIssue } from '@rumen/db/issue/create-issues'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGroupingIds } from './grouping-ids.ts'

let database: DatabaseClone
let connection: Connection
let projectId: ProjectId

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 4, name: 'test' })
})

beforeEach(async () => {
  projectId = (await createProject(connection.db, { name: 'Shop' })).id
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function hashOf(key: string): string {
  return `\\x${Buffer.from(key).toString('hex').padStart(64, '0')}`
}

/** An event of this key, and of that one by the former rules. */
function seen(key: string, former: string | null = null, project_id = projectId): NewIssue {
  return {
    ...{ project_id, key_hash: hashOf(key), former_key_hash: former === null ? null : hashOf(former) },
    ...{ mechanism: 'v1', key, parts: [], title: key, culprit: '', type: null, value: null, level: 3 },
    seen_at: new Date(0),
  }
}

/** The number of the issue that each grouping points at. */
async function issuesOf(ids: readonly number[]): Promise<number[]> {
  const rows = await connection.sql<{ id: number; number: number }[]>`
    SELECT grouping.id::int, number::int FROM grouping JOIN issue ON issue.id = issue_id WHERE grouping.project_id = ${projectId}`
  const numbers = new Map(rows.map(({ id, number }) => [id, number]))
  return ids.map((id) => numbers.get(id) ?? 0)
}

test('every event gets the grouping of its key, in its place', async () => {
  const { resolve } = createGroupingIds(connection.db)
  const known = await resolve([seen('known')])
  const ids = await resolve([seen('a'), seen('known'), seen('b'), seen('a')])
  expect(await issuesOf(ids)).toEqual([2, 1, 3, 2])
  expect(ids[1]).toBe(known[0])
  expect(ids[0]).toBe(ids[3])
})

test('a grouping is remembered until it is forgotten', async () => {
  const groupings = createGroupingIds(connection.db)
  const [id] = await groupings.resolve([seen('a')])
  await connection.sql`UPDATE grouping SET key_hash = int8send(id) WHERE project_id = ${projectId}`
  expect(await groupings.resolve([seen('a')])).toEqual([id])
  groupings.forget()
  expect(await issuesOf(await groupings.resolve([seen('a')]))).toEqual([2])
})

test('one worker finds what another one made', async () => {
  const made = await createGroupingIds(connection.db).resolve([seen('a'), seen('b', 'a')])
  expect(await createGroupingIds(connection.db).resolve([seen('a'), seen('b')])).toEqual(made)
})

test('events of one key that had several go where any of them leads', async () => {
  const { resolve } = createGroupingIds(connection.db)
  await resolve([seen('old one'), seen('old two')])
  const ids = await resolve([
    seen('new', 'never seen'),
    seen('new', 'old two'),
    seen('new', 'old one'),
    seen('new', null),
  ])
  expect(await issuesOf(ids)).toEqual([2, 2, 2, 2])
})

test('events of one key that is known do not go where another key leads', async () => {
  const { resolve } = createGroupingIds(connection.db)
  await resolve([seen('new'), seen('old')])
  expect(await issuesOf(await resolve([seen('new', 'old')]))).toEqual([1])
  expect(await issuesOf(await createGroupingIds(connection.db).resolve([seen('new', 'old')]))).toEqual([1])
})

test('a project that is gone is said to be', async () => {
  const { resolve } = createGroupingIds(connection.db)
  await expect(resolve([seen('a', null, parseProjectId('999999'))])).rejects.toThrow('project 999999 is gone')
})
