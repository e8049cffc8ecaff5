import { type Connection, connect, type Db } from '@rumen/db/connect'
import { DIMENSIONS, type DimensionName } from '@rumen/db/dimension/dimensions'
import { resolveValues, type Scalar } from '@rumen/db/dimension/resolve-values'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { beginErasure } from '@rumen/db/person/begin-erasure'
import { eraseReports } from '@rumen/db/person/erase-reports'
import { eraseTexts, eraseUsers, finishErasure } from '@rumen/db/person/erase-texts'
import { findPerson } from '@rumen/db/person/find-person'
import { listReceipts } from '@rumen/db/person/list-receipts'
import { subjectHash } from '@rumen/db/person/person'
import { whileErasing } from '@rumen/db/person/while-erasing'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { recount } from '../support/recount.ts'
import { makeGroupings, type Sent, storeReports } from '../support/store-reports.ts'

const TODAY = dayOf(new Date())
const ADA = 'ada@example.org'

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

type User = readonly [id: string | null, email: string | null, username: string | null, ip: string | null]

async function addValues(name: DimensionName, values: readonly (readonly Scalar[])[], projectId = project.id) {
  const dimension = DIMENSIONS.get(name)
  if (!dimension) throw new Error(`there is no dimension ${name}`)
  return await resolveValues(
    db,
    dimension,
    values.map((one) => ({ projectId, values: one })),
  )
}

async function addUsers(users: readonly User[], projectId = project.id): Promise<void> {
  await addValues(
    'user',
    users.map((user) => [user.find((name) => name !== null) ?? '', ...user]),
    projectId,
  )
}

async function find(name: string) {
  return await findPerson(db, { projectId: project.id, name, by: null })
}

test('a name is an id before it is an email, a user name or an address, unless one is meant', async () => {
  await addUsers([
    ['x', null, null, null],
    ['7', 'x', null, null],
  ])
  expect((await find('x')).person).toMatchObject({ by: 'id', names: { id: ['x'], email: [] } })
  const meant = await findPerson(db, { projectId: project.id, name: 'x', by: 'email' })
  expect(meant.person).toMatchObject({ by: 'email', names: { id: ['7'], email: ['x'] } })
})

test('what stands beside the name of a person is theirs, also before they logged in, unless somebody else has it', async () => {
  await addUsers([
    ['1', ADA, 'ada', '203.0.113.7'],
    ['1', null, null, '203.0.113.8'],
    ['2', 'bob@example.org', 'ada', '203.0.113.7'],
  ])
  const { person } = await find(ADA)
  expect(person.names).toEqual({ id: ['1'], email: [ADA], username: [], ip: ['203.0.113.8'] })
})

test('two people behind one address stay two, and so do those who say only their address', async () => {
  await addUsers([
    ['1', ADA, null, '203.0.113.7'],
    ['2', null, null, '203.0.113.7'],
    [null, null, null, '203.0.113.7'],
  ])
  expect((await find(ADA)).person.names.ip).toEqual([])
  const erasure = await beginErasure(db, (await find(ADA)).person)
  expect(erasure.userIds).toHaveLength(1)
})

test('another project’s people are nobody here', async () => {
  const other = await createProject(db, { name: 'Other' })
  await addUsers([['1', ADA, null, null]], other.id)
  expect(await find(ADA)).toMatchObject({ isKnown: false, person: { by: 'email', names: { id: [], email: [ADA] } } })
  expect((await beginErasure(db, (await find(ADA)).person)).userIds).toEqual([])
})

/** Reports of two days in two groupings, of four users, one of whom is erased. */
async function fill(): Promise<readonly number[]> {
  const groupings = await makeGroupings({ db, projectId: project.id }, ['BugA', 'BugB'])
  const users = ['ada-lovelace', 'bob', 'eve'] as const
  for (const [at, groupingId] of groupings.entries()) {
    const sent: Sent[] = [TODAY, addDays(TODAY, 1)].flatMap((day) =>
      Array.from({ length: 30 }, (_, n) => ({
        day,
        at: `1${n % 3}:0${n % 10}`,
        level: n % 7 === 0 ? ('fatal' as const) : ('error' as const),
        release: `shop@${n % 4}`,
        tags: { flavour: `${n % 5}`, customer: users[n % 3] ?? '' },
        // The newest events of the second bug are hers.
        user: { id: users[at === 1 && n > 20 ? 0 : n % 3] ?? '' },
      })),
    )
    await storeReports({ db, projectId: project.id }, groupingId, sent)
  }
  return groupings
}

async function reports() {
  return await sql`
    SELECT event_id, u.user_id, grouping_id FROM report JOIN dim_user AS u ON u.project_id = report.project_id AND u.id = report.user_id
    WHERE report.project_id = ${project.id} ORDER BY event_id`
}

async function eraseAll(name: string): Promise<number> {
  const erasure = await beginErasure(db, (await find(name)).person)
  for (const day of [TODAY, addDays(TODAY, 1)]) await eraseReports(db, erasure, { day, newUserIds: [] })
  await eraseTexts(db, erasure)
  await eraseUsers(db, erasure)
  await finishErasure(db, erasure)
  return erasure.id
}

test('reports of a person go with all that is counted of them, and nobody else’s', async () => {
  await fill()
  expect(await recount(sql, project)).toEqual([])
  const before = await reports()
  const hers = before.filter((row) => row.user_id === 'ada-lovelace')
  const id = await eraseAll('ada-lovelace')
  expect(await recount(sql, project)).toEqual([])
  expect(await reports()).toEqual(before.filter((row) => row.user_id !== 'ada-lovelace'))
  const [receipt] = await listReceipts(db, { projectId: project.id, ids: [id] })
  expect(receipt).toMatchObject({
    subjectHash: subjectHash(project.id, 'ada-lovelace'),
    finishedAt: expect.any(Date),
    erased: { report: hers.length, user: 1 },
  })
  const suppressed = await sql`SELECT DISTINCT item_index, reason FROM suppressed WHERE project_id = ${project.id}`
  expect(suppressed).toEqual([{ item_index: -1, reason: 'person_erased' }])
  const issues = await sql`SELECT user_count::int FROM issue WHERE project_id = ${project.id}`
  expect(issues).toEqual([{ user_count: 2 }, { user_count: 2 }])
})

test('a report of nobody goes with an erased archive, and one of somebody else stays', async () => {
  const [groupingId = 0] = await makeGroupings({ db, projectId: project.id }, ['BugA'])
  await storeReports({ db, projectId: project.id }, groupingId, [{ user: { id: 'ada' } }, {}, { user: { id: 'bob' } }])
  const erasure = await beginErasure(db, (await find('ada')).person)
  for (let round = 0; round < 2; round++) await eraseReports(db, erasure, { day: TODAY, newUserIds: [] })
  expect((await reports()).map((row) => row.user_id)).toEqual(['bob'])
  expect(await recount(sql, project)).toEqual([])
})

test('names in texts that stay are taken out as whole words, and short ones only where nothing else stands', async () => {
  const [groupingId = 0] = await makeGroupings({ db, projectId: project.id }, [`mail to ${ADA}`])
  await addUsers([['42', ADA, null, '203.0.113.7']])
  await storeReports({ db, projectId: project.id }, groupingId, [
    { tags: { note: `to ${ADA}`, size: '42', about: ADA }, user: { id: 'bob' } },
    { tags: { note: `to x${ADA}`, size: '42' }, user: { id: 'bob' } },
  ])
  await addValues('exception_message', [[`${ADA} from 203.0.113.7`], ['203.0.113.77 and 42']])
  await addValues('tag', [
    ['user', 'id:42'],
    ['unused', '42'],
  ])
  await eraseAll(ADA)
  const messages = await sql`SELECT value FROM dim_exception_message WHERE project_id = ${project.id} ORDER BY id`
  expect(messages.map(({ value }) => value)).toEqual(['[erased] from [erased]', '203.0.113.77 and 42'])
  const tags =
    await sql`SELECT tag_key, tag_value FROM tag WHERE project_id = ${project.id} ORDER BY tag_key, tag_value`
  expect(tags.map((row) => `${row.tag_key}=${row.tag_value}`)).toEqual([
    'about=[erased]',
    'note=to [erased]',
    `note=to x${ADA}`,
    'size=42',
    'unused=[erased]',
    'user=[erased]',
  ])
  expect(await recount(sql, project)).toEqual([])
  const [grouping] = await sql`
    SELECT grouping.key, issue.title FROM grouping JOIN issue ON issue.id = issue_id WHERE grouping.id = ${groupingId}`
  expect(grouping).toEqual({ key: 'mail to [erased]', title: 'mail to [erased]' })
  const users =
    await sql`SELECT identifier, user_id, email, ip FROM dim_user WHERE project_id = ${project.id} ORDER BY id`
  expect(users[0]).toEqual({ identifier: '[erased]', user_id: null, email: null, ip: null })
})

test('the next event of a person has a row of its own, from the moment an erasure begins', async () => {
  await addUsers([['1', ADA, null, null]])
  const { userIds } = await beginErasure(db, (await find(ADA)).person)
  expect(await addValues('user', [['1', '1', ADA, null, null]])).not.toEqual(userIds)
  await eraseAll(ADA)
  await addUsers([['1', ADA, null, null]])
  const users = await sql`SELECT identifier, email FROM dim_user WHERE project_id = ${project.id} ORDER BY id`
  expect(users).toEqual([
    { identifier: '[erased]', email: null },
    { identifier: '[erased]', email: null },
    { identifier: '1', email: ADA },
  ])
})

test('an erasure that was not finished goes on under its receipt, with another number; a finished one is another', async () => {
  const { person } = await find(ADA)
  const first = await beginErasure(db, person)
  const second = await beginErasure(db, person)
  expect(second).toMatchObject({ requestedAt: first.requestedAt })
  expect(second.id).toBeGreaterThan(first.id)
  await finishErasure(db, second)
  await beginErasure(db, person)
  const receipts = await listReceipts(db, { projectId: project.id, ids: null })
  expect(receipts.map(({ finishedAt }) => finishedAt !== null)).toEqual([true, false])
})

test('one erases in a project at a time', async () => {
  const other = await createProject(db, { name: 'Other' })
  const inside = await whileErasing(sql, project.id, async () => {
    const again = await whileErasing(sql, project.id, async () => 'again')
    return [again, await whileErasing(sql, other.id, async () => 'elsewhere')]
  })
  expect(inside).toEqual([null, 'elsewhere'])
  expect(await whileErasing(sql, project.id, async () => 'after')).toBe('after')
})
