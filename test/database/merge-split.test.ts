import { type Connection, connect, type Db } from '@rumen/db/connect'
import { findSurvivor } from '@rumen/db/issue/find-survivor'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { mergeIssues } from '@rumen/db/issue/merge-issues'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { resolveIssue } from '@rumen/db/issue/resolve-issue'
import { splitIssue } from '@rumen/db/issue/split-issue'
import { unmergeIssue } from '@rumen/db/issue/unmerge-issue'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { at, count, groupingOf, type Happening, pictureOf } from './issue-counter.ts'

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

type Written = `${number} ${string}`

/** `1 12:05 shop@2 8 4`: of bug 1, at that time, of that release or of none (`-`), by user 8, of that level. */
function read(line: Written): Happening {
  const [bug, time = '', release = '-', user = '1', level = '3'] = line.split(' ')
  return { bug: Number(bug), time, release: release === '-' ? null : release, user, level: Number(level) }
}

async function happen(...lines: Written[]): Promise<void> {
  await happenIn(projectId, lines)
}

async function happenIn(project: ProjectId, lines: readonly Written[]): Promise<void> {
  for (const happening of lines.map(read)) {
    const ref = await groupingOf(db, project, happening.bug)
    expect(await db.transaction((tx) => count(tx, ref, happening))).toBe(true)
  }
}

async function numbered(number: number): Promise<IssueAddress> {
  const [row] = await sql`SELECT id FROM issue WHERE project_id = ${projectId} AND number = ${number}`
  return { projectId, issueId: Number(row?.id) }
}

async function merge(from: readonly number[], into: number, now = NOW) {
  const issueIds = (await Promise.all(from.map(numbered))).map(({ issueId }) => issueId)
  return await mergeIssues(db, { projectId, issueIds, into: (await numbered(into)).issueId, now })
}

async function unmerge(number: number, now = NOW) {
  return await unmergeIssue(db, { ...(await numbered(number)), now })
}

async function idsOf(bugs: readonly number[]): Promise<number[]> {
  const rows = await sql<{ id: string }[]>`
    SELECT id FROM grouping WHERE project_id = ${projectId} AND key IN ${sql(bugs.map((bug) => `key ${bug}`))} ORDER BY id`
  return rows.map(({ id }) => Number(id))
}

async function split(number: number, bugs: readonly number[]) {
  return await splitIssue(db, { ...(await numbered(number)), groupingIds: await idsOf(bugs), now: NOW })
}

/** Bugs by the number of the issue they count for. */
async function placed(): Promise<Record<number, string>> {
  const rows = await sql<{ number: number; bugs: string }[]>`
    SELECT number::int, string_agg(substr(key, 5), ' ' ORDER BY key) AS bugs
    FROM grouping JOIN issue ON issue.project_id = grouping.project_id AND issue.id = issue_id
    WHERE issue.project_id = ${projectId} GROUP BY number`
  return Object.fromEntries(rows.map(({ number, bugs }) => [number, bugs]))
}

async function rowOf(number: number) {
  const [row] = await sql`
    SELECT status, event_count::int AS events, user_count::int AS users, level, muted_until_count::int AS until, resolved_at,
      first_release, last_release, (SELECT number::int FROM issue AS i WHERE i.id = issue.merged_into) AS into
    FROM issue WHERE project_id = ${projectId} AND number = ${number}`
  return row
}

async function timelineOf(number: number) {
  const { issueId } = await numbered(number)
  const rows = await sql`SELECT kind, data FROM activity WHERE issue_id = ${issueId} ORDER BY id`
  return rows.map(({ kind, data }) => [kind, data])
}

const BEFORE: Written[] = [
  '1 10:00 shop@2 1 3',
  '1 11:00 shop@4 2 2',
  '2 09:30 shop@1 2 4',
  '2 12:00 shop@5 3 1',
  '3 11:30',
]
const BETWEEN: Written[] = ['1 09:00 shop@1 4 3', '2 13:00 shop@6 1 2', '1 13:30 - 5 0', '3 08:00 shop@0 2']
const AFTER: Written[] = ['1 14:00 shop@7 2 1', '2 08:30 - 4 3', '3 15:00 shop@9 3']

describe('issues that are merged', () => {
  test('are what both of them were: events, users once, moments and releases; their keys feed the survivor', async () => {
    await happen(...BEFORE)
    expect(await merge([2], 1)).toEqual({ outcome: 'merged' })
    // As if both bugs had been one from the beginning.
    const twin = await createProject(db, { name: 'Twin' })
    for (const events of [BEFORE, BETWEEN]) {
      if (events === BETWEEN) await happen(...events)
      await happenIn(
        twin.id,
        events.map((line): Written => (line.startsWith('2 ') ? `1 ${line.slice(2)}` : line)),
      )
      const [picture, expected] = [await pictureOf(sql, projectId), await pictureOf(sql, twin.id)]
      const plain = ({ issues, hours, tags }: typeof picture) => ({
        issues: issues.map(({ keys, number, ...issue }) => issue),
        hours: hours.map(({ number, ...hour }) => hour),
        tags: tags.map(({ number, ...tag }) => tag),
      })
      expect(plain(picture)).toEqual(plain(expected))
    }
    expect(await placed()).toEqual({ 1: '1 2', 3: '3' })
  })

  test.for([
    [1, 2],
    [2, 1],
  ] as const)('whose events were of one moment are the same whichever survives (%s into %s)', async ([from, into]) => {
    await happen('1 10:00 shop@\uFFFD 1 2', '2 10:00 shop@\u{1F600} 1 4')
    await merge([from], into)
    const releases = { first_release: 'shop@\uFFFD', last_release: 'shop@\u{1F600}' }
    expect(await rowOf(into)).toMatchObject({ events: 2, users: 1, level: 4, ...releases })
  })

  test('leave a row without events, with its own status, and both timelines say what happened', async () => {
    await happen(...BEFORE)
    await muteIssue(db, { ...(await numbered(2)), now: NOW })
    await merge([2], 1)
    expect(await rowOf(2)).toMatchObject({ status: 'muted', events: 0, users: 0, first_release: null, into: 1 })
    const [grouping] = await idsOf([2])
    expect((await timelineOf(2)).at(-1)).toEqual(['merged', { into: 1, groupings: [grouping] }])
    expect(await timelineOf(1)).toEqual([['merged', { from: 2 }]])
  })

  test('several at once, one after the other, and into one that is merged itself later', async () => {
    await happen(...BEFORE, '4 10:00')
    expect(await merge([1, 2, 2], 3)).toEqual({ outcome: 'merged' })
    expect(await merge([3], 4)).toEqual({ outcome: 'merged' })
    expect(await placed()).toEqual({ 4: '1 2 3 4' })
    expect(await rowOf(4)).toMatchObject({ events: 6, users: 3 })
    expect(await findSurvivor(db, await numbered(1))).toMatchObject({ number: 4 })
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 4 })
    expect(await placed()).toEqual({ 1: '1', 4: '2 3 4' })
  })
})

describe('an issue that is unmerged', () => {
  test('and the one it was merged into have all that came before, meanwhile and after, as if they never had been', async () => {
    const twin = await createProject(db, { name: 'Twin' })
    await happen(...BEFORE)
    await merge([2], 1)
    await happen(...BETWEEN)
    expect(await unmerge(2)).toEqual({ outcome: 'unmerged', from: 1 })
    await happenIn(twin.id, [...BEFORE, ...BETWEEN])
    expect(await pictureOf(sql, projectId)).toEqual(await pictureOf(sql, twin.id))
    await happen(...AFTER)
    await happenIn(twin.id, AFTER)
    expect(await pictureOf(sql, projectId)).toEqual(await pictureOf(sql, twin.id))
    const groupings = await idsOf([2])
    expect(await rowOf(2)).toMatchObject({ into: null })
    expect((await timelineOf(2)).at(-1)).toEqual(['unmerged', { from: 1, groupings }])
    expect((await timelineOf(1)).at(-1)).toEqual(['unmerged', { into: 2, groupings }])
  })

  test('comes back from wherever the survivor was merged to since', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    await merge([2], 3)
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 3 })
    expect(await placed()).toEqual({ 1: '1', 3: '2 3' })
    expect(await unmerge(2)).toEqual({ outcome: 'unmerged', from: 3 })
    expect(await placed()).toEqual({ 1: '1', 2: '2', 3: '3' })
  })

  test('takes along what was merged into it before', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    await merge([2], 3)
    expect(await unmerge(2)).toEqual({ outcome: 'unmerged', from: 3 })
    expect(await placed()).toEqual({ 2: '1 2', 3: '3' })
    expect(await rowOf(1)).toMatchObject({ into: 2 })
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 2 })
  })

  test('and merged again gets back what it had the last time', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    await unmerge(1)
    await merge([3], 1)
    await merge([1], 2)
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 2 })
    expect(await placed()).toEqual({ 1: '1 3', 2: '2' })
  })

  test('takes along keys that took over from one of its own, and from those, and leaves the survivor its own', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    // As they are made while a project moves to other rules: 11 and 12 of bug 1, the one after the other, 21 of bug 2.
    for (const [bug, from] of [
      [11, 1],
      [12, 11],
      [21, 2],
    ] as const) {
      await sql`
        INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts, adopted_from)
        SELECT project_id, int8send(${bug}), issue_id, 'v1', ${`key ${bug}`}, '[]', id FROM grouping
        WHERE project_id = ${projectId} AND key = ${`key ${from}`}`
    }
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 2 })
    expect(await placed()).toEqual({ 1: '1 11 12', 2: '2 21', 3: '3' })
  })

  test('leaves what was split off meanwhile where it is', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    await merge([2], 3)
    await split(3, [1])
    expect(await unmerge(1)).toEqual({ outcome: 'nothing_left', into: 3 })
    expect(await unmerge(2)).toEqual({ outcome: 'unmerged', from: 3 })
    expect(await placed()).toEqual({ 2: '2', 3: '3', 4: '1' })
  })

  test('leaves the survivor something', async () => {
    await happen(...BEFORE)
    await merge([1], 2)
    await split(2, [2])
    expect(await unmerge(1)).toEqual({ outcome: 'nothing_would_stay', into: 2 })
    await merge([4], 2)
    expect(await unmerge(1)).toEqual({ outcome: 'unmerged', from: 2 })
  })
})

describe('groupings that are split off', () => {
  test('are an issue of their own, unresolved, and merged back restore every count', async () => {
    await happen(...BEFORE)
    await merge([2], 1)
    const before = await pictureOf(sql, projectId)
    const { issueId } = await numbered(1)
    await resolveIssue(db, { projectId, issueId, now: NOW })
    const groupings = await idsOf([2])
    expect(await split(1, [2])).toMatchObject({ outcome: 'split', number: 4 })
    expect(await placed()).toEqual({ 1: '1', 3: '3', 4: '2' })
    expect(await rowOf(4)).toMatchObject({
      status: 'unresolved',
      events: 2,
      users: 2,
      last_release: 'shop@5',
      into: null,
    })
    expect(await rowOf(1)).toMatchObject({ status: 'resolved', events: 2, users: 2, last_release: 'shop@4' })
    expect((await timelineOf(1)).at(-1)).toEqual(['split', { into: 4, groupings }])
    expect(await timelineOf(4)).toEqual([['split', { from: 1, groupings }]])
    await happen('5 12:00')
    expect(await rowOf(5)).toMatchObject({ events: 1 })
    await sql`UPDATE issue SET status = 'unresolved' WHERE id = ${issueId}`
    await merge([4], 1)
    const after = await pictureOf(sql, projectId)
    expect(after.issues.filter(({ number }) => number !== 5)).toEqual(before.issues)
  })

  test('are called after their newest report, or as what they were split off', async () => {
    await happen('1 10:00', '2 10:00', '3 10:00')
    await merge([2, 3], 1)
    const [grouping] = await idsOf([2])
    const dimension = async (name: string, value: string) => {
      const [row] = await sql`
        INSERT INTO ${sql(`dim_${name}`)} (project_id, key, value) VALUES (${projectId}, gen_random_uuid(), ${value}) RETURNING id`
      return row?.id
    }
    const transaction = await dimension('transaction', '/checkout')
    for (const [type, minutes] of [
      ['OldError', 1],
      ['NewError', 2],
    ] as const) {
      await sql`
        INSERT INTO report (project_id, event_id, day, archive_hash, item_index, grouping_id, occurred_at, received_at, level,
          exception_type_id, exception_message_id, transaction_id)
        VALUES (${projectId}, gen_random_uuid(), current_date, '\\x00', 0, ${grouping ?? 0}, now(),
          now() + make_interval(mins => ${minutes}), 3, ${await dimension('exception_type', type)},
          ${await dimension('exception_message', `${type} said\nno`)}, ${transaction})`
    }
    await split(1, [2])
    await split(1, [3])
    const called = await sql`
      SELECT title, culprit, type, value FROM issue WHERE project_id = ${projectId} AND number > 3 ORDER BY number`
    expect(called).toEqual([
      { title: 'NewError: NewError said', culprit: '/checkout', type: 'NewError', value: 'NewError said\nno' },
      { title: 'Error 1', culprit: 'main', type: 'Error', value: null },
    ])
  })
})

describe('the status', () => {
  // Resolved at 12:00; what comes to it was seen last at the given time, in the given release.
  test.for<[name: string, inRelease: string | null, seen: Written, status: string]>([
    ['has happened since', null, '2 12:01', 'unresolved'],
    ['has not', null, '2 12:00', 'resolved'],
    ['has happened since in an older release', '2.0', '2 12:01 1.9', 'resolved'],
    ['has happened since in the fixed release', '2.0', '2 12:01 2.0', 'unresolved'],
    ['has happened since in a release nobody can compare', '2.0', '2 12:01 abc', 'unresolved'],
  ])('of a resolved issue, when one that %s is merged into it (fixed in %s)', async ([, inRelease, seen, status]) => {
    await happen('1 10:00', seen)
    await resolveIssue(db, { ...(await numbered(1)), inRelease, now: at('12:00') })
    await merge([2], 1)
    expect(await rowOf(1)).toMatchObject({ status, events: 2 })
    const regressed = ['regressed', { release: read(seen).release, resolved_in_release: inRelease }]
    expect((await timelineOf(1)).filter(([kind]) => kind === 'regressed')).toEqual(
      status === 'resolved' ? [] : [regressed],
    )
  })

  test.for(['muted', 'resolved'])(
    'of a resolved issue stays, when one that is %s is merged into it',
    async (status) => {
      await happen('1 10:00', '2 13:00')
      await resolveIssue(db, { ...(await numbered(1)), now: at('12:00') })
      await sql`UPDATE issue SET status = ${status} WHERE id = ${(await numbered(2)).issueId}`
      await merge([2], 1)
      expect(await rowOf(1)).toMatchObject({ status: 'resolved' })
    },
  )

  test('of a muted issue stays, and it waits for as many more events as before', async () => {
    await happen('1 10:00', '2 11:00', '2 12:00')
    await muteIssue(db, { ...(await numbered(1)), forEvents: 10, now: NOW })
    await muteIssue(db, { ...(await numbered(2)), forEvents: 5, now: NOW })
    await merge([2], 1)
    expect(await rowOf(1)).toMatchObject({ status: 'muted', events: 3, until: 13 })
    expect(await rowOf(2)).toMatchObject({ until: 7 })
    await split(1, [2])
    expect(await rowOf(1)).toMatchObject({ events: 1, until: 11 })
    await merge([3], 1)
    await unmerge(2)
    expect(await rowOf(1)).toMatchObject({ events: 1, until: 11 })
    expect(await rowOf(2)).toMatchObject({ status: 'muted', events: 2, until: 7 })
  })

  test.for([
    ['13:00', 'unresolved'],
    ['11:00', 'resolved'],
  ] as const)(
    'of an issue resolved at 12:00 that is unmerged, and happened at %s meanwhile: %s',
    async ([time, status]) => {
      await happen('1 10:00', '2 10:00')
      await resolveIssue(db, { ...(await numbered(2)), now: at('12:00') })
      await merge([2], 1)
      await happen(`2 ${time}`)
      expect(await rowOf(2)).toMatchObject({ status: 'resolved' })
      await unmerge(2)
      expect(await rowOf(2)).toMatchObject({ status, events: 2 })
    },
  )
})
