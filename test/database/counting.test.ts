import { type Connection, connect, type Db, type Tx } from '@rumen/db/connect'
import { countHours } from '@rumen/db/issue/count-hours'
import { countTags, ISSUE_TAG_VALUES_MAX } from '@rumen/db/issue/count-tags'
import { countUsers } from '@rumen/db/issue/count-users'
import { createIssues, type NewIssue } from '@rumen/db/issue/create-issues'
import { type GroupingRef, groupingRef, lockIssues } from '@rumen/db/issue/lock-issues'
import { updateGroupings } from '@rumen/db/issue/update-groupings'
import { updateIssues } from '@rumen/db/issue/update-issues'
import { createProject } from '@rumen/db/project/create-project'
import { claimAddress, claimEvents } from '@rumen/db/seen/claim-events'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { parseEventId } from '@rumen/protocol/event-id'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Workers that do the same at the same moment, each with a pool of its own. */
const WORKERS = 4

let database: DatabaseClone
let workers: Connection[]
let db: Db
let sql: Sql
let projects: ProjectId[]

beforeAll(async () => {
  database = await testDatabase()
  const open = () => connect(database.url, { poolSize: 2, name: 'test' })
  const first = open()
  ;({ db, sql } = first)
  workers = [first, ...Array.from({ length: WORKERS - 1 }, open)]
  projects = []
  for (const name of ['One', 'Two', 'Three']) projects.push((await createProject(db, { name })).id)
})

afterAll(async () => {
  await Promise.all(workers.map(({ close }) => close()))
  await database.drop()
})

/** The same work by every worker at once, each with its own order of the things. */
async function byAllAtOnce<Thing, Result>(
  things: readonly Thing[],
  work: (worker: Db, shuffled: readonly Thing[]) => Promise<Result>,
): Promise<Result[]> {
  return await Promise.all(
    workers.map((worker) =>
      work(
        worker.db,
        things.toSorted(() => Math.random() - 0.5),
      ),
    ),
  )
}

async function lastValue(sequence: string): Promise<number> {
  const [row] = await sql<[{ last: string }]>`SELECT last_value AS last FROM ${sql(sequence)}`
  return Number(row.last)
}

function makeIssue(project_id: ProjectId, n: number): NewIssue {
  return {
    project_id,
    key_hash: `\\x${n.toString(16).padStart(64, '0')}`,
    former_key_hash: null,
    mechanism: 'v1',
    key: `key ${n}`,
    parts: [],
    title: `Error ${n}`,
    culprit: 'main',
    type: 'Error',
    value: `boom ${n}`,
    level: 3,
    seen_at: new Date('2026-11-21T12:00:00Z'),
  }
}

describe('issues nobody has seen yet', () => {
  test('are made once each however many workers find them at once, with the same ids for all of them', async () => {
    for (let round = 0; round < 5; round++) {
      const wanted = projects.flatMap((project) =>
        Array.from({ length: 20 }, (_, n) => makeIssue(project, round * 20 + n)),
      )
      // An event may be in a batch twice.
      const answers = await byAllAtOnce([...wanted, ...wanted], createIssues)
      for (const answer of answers) {
        expect(answer.size).toBe(wanted.length)
        expect(new Map([...answer].toSorted())).toEqual(new Map([...(answers[0] ?? [])].toSorted()))
      }
    }
    const [counts] = await sql`
      SELECT (SELECT count(*)::int FROM issue) AS issues, (SELECT count(*)::int FROM grouping) AS groupings,
        (SELECT count(*)::int FROM issue WHERE NOT EXISTS (
          SELECT FROM grouping WHERE grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
        )) AS orphans`
    expect(counts).toEqual({ issues: 300, groupings: 300, orphans: 0 })
  })

  test('are numbered from 1 without a gap in every project, and no identity is burnt', async () => {
    const numbers = await sql`
      SELECT project_id::int AS project, min(number)::int AS first, max(number)::int AS last, count(*)::int AS issues
      FROM issue GROUP BY project_id ORDER BY project_id`
    expect(numbers).toEqual(projects.map((project) => ({ project: Number(project), first: 1, last: 100, issues: 100 })))
    expect(await lastValue('issue_id_seq')).toBe(300)
    expect(await lastValue('grouping_id_seq')).toBe(300)
  })
})

describe('events', () => {
  test('are claimed by one worker each, whatever arrives where', async () => {
    for (let round = 0; round < 5; round++) {
      const claims = projects.flatMap((project_id) =>
        Array.from({ length: 200 }, (_, n) => ({
          project_id,
          // A number as an id: never null.
          key: parseEventId((round * 1000 + n + 1).toString(16).padStart(32, '0')) ?? never(),
          day: '2026-11-21',
        })),
      )
      const taken = await byAllAtOnce(claims, (worker, shuffled) =>
        worker.transaction((tx) => claimEvents(tx, shuffled)),
      )
      const all = taken.flatMap((addresses) => [...addresses])
      expect(all.toSorted()).toEqual(claims.map(({ project_id, key }) => claimAddress(project_id, key)).toSorted())
    }
  })

  test('are counted exactly by workers that count the same issues at once', async () => {
    const groupings = await sql<{ project_id: ProjectId; id: string }[]>`
      SELECT project_id, id FROM grouping ORDER BY id LIMIT 60`
    const refs = groupings.map(({ project_id, id }) => ({ project_id, grouping_id: Number(id) }))
    const ROUNDS = 8
    for (let round = 0; round < ROUNDS; round++) {
      await byAllAtOnce(refs, (worker, shuffled) => worker.transaction((tx) => countThree(tx, shuffled)))
    }
    const each = 3 * WORKERS * ROUNDS
    const issues =
      await sql`SELECT DISTINCT event_count::int AS n, user_count::int AS users FROM issue WHERE event_count > 0`
    expect(issues).toEqual([{ n: each, users: 2 }])
    const byHour = await sql`SELECT count(*)::int AS rows, min(event_count)::int, max(event_count)::int FROM issue_hour`
    expect(byHour).toEqual([{ rows: refs.length, min: each, max: each }])
    const byTag = await sql`SELECT count(*)::int AS rows, min(event_count)::int, max(event_count)::int FROM issue_tag`
    expect(byTag).toEqual([{ rows: refs.length, min: each, max: each }])
  })

  test('of two groupings merged into one issue hold one issue', async () => {
    const [project] = projects
    const made = await createIssues(db, [makeIssue(project ?? never(), 7001), makeIssue(project ?? never(), 7002)])
    await sql`
      UPDATE grouping SET issue_id = (SELECT id FROM issue WHERE title = 'Error 7001') WHERE key = 'key 7002'`
    const refs = [...made.values()].map((grouping_id) => ({ project_id: project ?? never(), grouping_id }))
    const locked = await db.transaction((tx) => lockIssues(tx, refs))
    const [one, other] = [...locked.values()]
    expect(locked.size).toBe(2)
    expect(one).toBe(other)
  })

  test('of a grouping that was deleted find no issue', async () => {
    const [project] = projects
    const locked = await db.transaction((tx) =>
      lockIssues(tx, [{ project_id: project ?? never(), grouping_id: 999_999 }]),
    )
    expect(locked.size).toBe(0)
  })
})

describe('the tags of a grouping', () => {
  const tag = (grouping_id: number, tag_value: string) => ({
    project_id: projects[0] ?? never(),
    grouping_id,
    tag_key: 'path',
    tag_value,
    event_count: 2,
  })
  const countedOf = async (grouping: number) => {
    const [counted] = await sql`
      SELECT count(*)::int AS rows, sum(event_count)::int AS events,
        coalesce(sum(event_count) FILTER (WHERE tag_value = '(other)'), 0)::int AS other
      FROM issue_tag WHERE grouping_id = ${grouping}`
    return counted
  }

  test('are at most a hundred values of a key; what comes after them is counted as others, and nothing is lost', async () => {
    const values = Array.from({ length: ISSUE_TAG_VALUES_MAX + 30 }, (_, n) => `/${String(n).padStart(3, '0')}`)
    const grouping = 900_001
    const add = (some: readonly string[]) =>
      db.transaction((tx) =>
        countTags(
          tx,
          some.map((value) => tag(grouping, value)),
        ),
      )
    await add(values.slice(0, 60))
    expect(await countedOf(grouping)).toEqual({ rows: 60, events: 120, other: 0 })
    await add(values)
    expect(await countedOf(grouping)).toEqual({ rows: 101, events: 120 + 260, other: 60 })
    await add(values)
    expect(await countedOf(grouping)).toEqual({ rows: 101, events: 120 + 260 + 260, other: 120 })
  })

  test('of one key take nothing from another, nor from another grouping', async () => {
    const values = Array.from({ length: ISSUE_TAG_VALUES_MAX }, (_, n) => `/${n}`)
    await db.transaction((tx) =>
      countTags(tx, [
        ...values.map((value) => tag(900_002, value)),
        ...values.map((value) => tag(900_003, value)),
        ...values.map((value) => ({ ...tag(900_003, value), tag_key: 'kind' })),
      ]),
    )
    expect(await countedOf(900_002)).toEqual({ rows: 100, events: 200, other: 0 })
    expect(await countedOf(900_003)).toEqual({ rows: 200, events: 400, other: 0 })
  })
})

describe('the users of an issue', () => {
  /** Ids of an issue and its three groupings. */
  async function makeMerged(first: number): Promise<{ issue_id: number; groupings: number[] }> {
    const project = projects[0] ?? never()
    const made = await createIssues(
      db,
      [0, 1, 2].map((n) => makeIssue(project, first + n)),
    )
    const groupings = [...made.values()]
    const [issue] = await sql<
      { issue_id: string }[]
    >`SELECT issue_id FROM grouping WHERE id = ${groupings[0] ?? never()}`
    await sql`UPDATE grouping SET issue_id = ${issue?.issue_id ?? never()} WHERE id IN ${sql(groupings)}`
    return { issue_id: Number(issue?.issue_id), groupings }
  }

  const met = async (issue_id: number, users: readonly (readonly [grouping_id: number, user: string, day: string])[]) =>
    await db.transaction((tx) =>
      countUsers(
        tx,
        users.map(([grouping_id, user_key, last_day]) => {
          return { project_id: projects[0] ?? never(), issue_id, grouping_id, user_key, last_day }
        }),
      ),
    )

  test('are new to it once, and their day only moves forward', async () => {
    const { issue_id, groupings } = await makeMerged(7101)
    const grouping = groupings[0] ?? never()
    const meet = (day: string) => met(issue_id, [[grouping, '7', day]])
    expect(await meet('2026-11-21')).toEqual([{ project_id: projects[0], issue_id, users: 1 }])
    expect(await meet('2026-11-22')).toEqual([])
    expect(await meet('2026-11-20')).toEqual([])
    const [row] = await sql`SELECT last_day::text FROM issue_user WHERE grouping_id = ${grouping}`
    expect(row).toEqual({ last_day: '2026-11-22' })
  })

  test('of several of its groupings are one, in one batch or in two', async () => {
    const { issue_id, groupings } = await makeMerged(7201)
    const [one = never(), other = never(), third = never()] = groupings
    const day = '2026-11-21'
    const both: readonly (readonly [number, string, string])[] = [
      [one, '1', day],
      [other, '1', day],
      [other, '2', day],
    ]
    expect(await met(issue_id, both)).toEqual([{ project_id: projects[0], issue_id, users: 2 }])
    expect(await met(issue_id, [[one, '2', day]])).toEqual([])
    expect(await met(issue_id, [[one, '3', day]])).toEqual([{ project_id: projects[0], issue_id, users: 1 }])
    const known: typeof both = [
      [third, '1', day],
      [third, '4', day],
    ]
    expect(await met(issue_id, known)).toEqual([{ project_id: projects[0], issue_id, users: 1 }])
    expect(await sql`SELECT FROM issue_user WHERE grouping_id IN ${sql(groupings)}`).toHaveLength(7)
  })
})

describe('the summary of a grouping', () => {
  const at = (time: string) => new Date(`2026-11-21T${time}:00Z`)
  const release = (name: string | null, time: string) => ({
    ...{ first_release: name, first_release_at: name === null ? null : at(time) },
    ...{ last_release: name, last_release_at: name === null ? null : at(time) },
  })
  const event = (time: string, level: number, name: string | null) => ({
    ...{ event_count: 1, level, first_seen: at(time), last_seen: at(time) },
    ...release(name, time),
  })
  const EVENTS = [
    event('12:00', 2, null),
    event('12:00', 4, 'shop@\uFFFD'),
    event('12:00', 3, 'shop@\u{1F600}'),
    event('11:00', 1, 'shop@b'),
    event('11:00', 0, 'shop@a'),
    event('11:30', 0, 'shop@c'),
  ]

  test('is the same in whatever order its events come, and of one issue as of one grouping', async () => {
    const project_id = projects[0] ?? never()
    for (const [n, events] of [EVENTS, EVENTS.toReversed(), EVENTS.toSorted((a, b) => a.level - b.level)].entries()) {
      const [id = never()] = (await createIssues(db, [makeIssue(project_id, 7300 + n)])).values()
      const [row] = await sql<{ issue_id: string }[]>`SELECT issue_id FROM grouping WHERE id = ${id}`
      for (const one of events) {
        await db.transaction((tx) => updateGroupings(tx, [{ project_id, id, issue_id: Number(row?.issue_id), ...one }]))
      }
      const [summary] = await sql`
        SELECT event_count::int, level, first_seen = ${at('11:00').toISOString()} AS "isFirst",
          last_seen = ${at('12:00').toISOString()} AS "isLast", first_release, last_release,
          first_release_at = first_seen AND last_release_at = last_seen AS "areTheirs"
        FROM grouping WHERE id = ${id}`
      // By bytes, not by the units of UTF-16.
      const releases = { first_release: 'shop@a', last_release: 'shop@\u{1F600}' }
      expect(summary).toEqual({ event_count: 6, level: 4, isFirst: true, isLast: true, ...releases, areTheirs: true })
    }
  })

  test('of one that points elsewhere stays as it is, and the answer says so', async () => {
    const project_id = projects[0] ?? never()
    const [id = never(), other = never()] = (
      await createIssues(db, [makeIssue(project_id, 7401), makeIssue(project_id, 7402)])
    ).values()
    const issues = await sql<
      { issue_id: string }[]
    >`SELECT issue_id FROM grouping WHERE id IN (${id}, ${other}) ORDER BY id`
    const [issue_id = never()] = issues.map((row) => Number(row.issue_id))
    const update = { ...event('12:00', 3, null), project_id, issue_id }
    const updated = await db.transaction((tx) =>
      updateGroupings(tx, [
        { ...update, id },
        { ...update, id: other },
      ]),
    )
    expect(updated).toEqual(new Set([groupingRef({ project_id, grouping_id: id })]))
    const counts = await sql`SELECT event_count::int AS n FROM grouping WHERE id IN (${id}, ${other}) ORDER BY id`
    expect(counts).toEqual([{ n: 1 }, { n: 0 }])
  })
})

/** Three events and two users for each grouping, as a batch counts them. */
async function countThree(tx: Tx, refs: readonly GroupingRef[]): Promise<void> {
  const locked = await lockIssues(tx, refs)
  const hour = new Date('2026-11-21T12:00:00Z')
  const groupings = refs.map((ref) => ({ ref, issue: locked.get(groupingRef(ref)) ?? never() }))
  await countHours(
    tx,
    refs.map((ref) => ({ ...ref, hour, event_count: 3 })),
  )
  await countTags(
    tx,
    refs.map((ref) => ({ ...ref, tag_key: 'flavour', tag_value: 'sour', event_count: 3 })),
  )
  const newUsers = await countUsers(
    tx,
    groupings.flatMap(({ ref, issue }) =>
      ['1', '2'].map((user_key) => ({ ...ref, issue_id: issue.id, user_key, last_day: '2026-11-21' })),
    ),
  )
  await updateIssues(
    tx,
    groupings.map(({ issue }) => ({
      ...issue,
      event_count: 3,
      user_count: newUsers.find(({ issue_id }) => issue_id === issue.id)?.users ?? 0,
    })),
  )
}

function never(): never {
  throw new Error('this test is wrong')
}
