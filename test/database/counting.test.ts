import { type Connection, connect, type Db, type Tx } from '@rumen/db/connect'
import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { resolveValues } from '@rumen/db/dimension/resolve-values'
import { countHours } from '@rumen/db/issue/count-hours'
import { countTags, ISSUE_TAG_VALUES_MAX } from '@rumen/db/issue/count-tags'
import { countUsers } from '@rumen/db/issue/count-users'
import { createIssues, type NewIssue } from '@rumen/db/issue/create-issues'
import { type GroupingRef, type LockedIssue, lockIssues } from '@rumen/db/issue/lock-issues'
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

describe('the tags of an issue', () => {
  const tag = (issue_id: number, tag_value: string) => ({
    project_id: projects[0] ?? never(),
    issue_id,
    tag_key: 'path',
    tag_value,
    event_count: 2,
  })
  const countedOf = async (issue: number) => {
    const [counted] = await sql`
      SELECT count(*)::int AS rows, sum(event_count)::int AS events,
        coalesce(sum(event_count) FILTER (WHERE tag_value = '(other)'), 0)::int AS other
      FROM issue_tag WHERE issue_id = ${issue}`
    return counted
  }

  test('are at most a hundred values of a key; what comes after them is counted as others, and nothing is lost', async () => {
    const values = Array.from({ length: ISSUE_TAG_VALUES_MAX + 30 }, (_, n) => `/${String(n).padStart(3, '0')}`)
    const issue = 900_001
    const add = (some: readonly string[]) =>
      db.transaction((tx) =>
        countTags(
          tx,
          some.map((value) => tag(issue, value)),
        ),
      )
    await add(values.slice(0, 60))
    expect(await countedOf(issue)).toEqual({ rows: 60, events: 120, other: 0 })
    await add(values)
    expect(await countedOf(issue)).toEqual({ rows: 101, events: 120 + 260, other: 60 })
    await add(values)
    expect(await countedOf(issue)).toEqual({ rows: 101, events: 120 + 260 + 260, other: 120 })
  })

  test('of one key take nothing from another, nor from another issue', async () => {
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
  test('are new to it once, and their day only moves forward', async () => {
    const user = (last_day: string) => [
      { project_id: projects[0] ?? never(), issue_id: 900_004, user_key: '7', last_day },
    ]
    const met = (last_day: string) => db.transaction((tx) => countUsers(tx, user(last_day)))
    expect(await met('2026-11-21')).toEqual([{ project_id: projects[0], issue_id: 900_004 }])
    expect(await met('2026-11-22')).toEqual([])
    expect(await met('2026-11-20')).toEqual([])
    const [row] = await sql`SELECT last_day::text FROM issue_user WHERE issue_id = 900004`
    expect(row).toEqual({ last_day: '2026-11-22' })
  })
})

/** Three events and two users for each grouping, as a batch counts them. */
async function countThree(tx: Tx, groupings: readonly GroupingRef[]): Promise<void> {
  const locked = [...new Set((await lockIssues(tx, groupings)).values())]
  const of = ({ project_id, id }: LockedIssue) => ({ project_id, issue_id: id })
  const hour = new Date('2026-11-21T12:00:00Z')
  await countHours(
    tx,
    locked.map((issue) => ({ ...of(issue), hour, event_count: 3 })),
  )
  await countTags(
    tx,
    locked.map((issue) => ({ ...of(issue), tag_key: 'flavour', tag_value: 'sour', event_count: 3 })),
  )
  const users = await countUsers(
    tx,
    locked.flatMap((issue) => ['1', '2'].map((user_key) => ({ ...of(issue), user_key, last_day: '2026-11-21' }))),
  )
  await updateIssues(
    tx,
    locked.map((issue) => ({
      ...issue,
      event_count: 3,
      user_count: users.filter(({ issue_id }) => issue_id === issue.id).length,
    })),
  )
}

describe.for([
  { name: 'release', of: 'a project', perProject: true, rows: 450 },
  { name: 'os', of: 'all projects', perProject: false, rows: 150 },
] as const)('dimension values of $of', ({ name, perProject, rows }) => {
  const dimension = DIMENSIONS.get(name) ?? never()
  const values = (n: number) => (name === 'os' ? ['Linux', `${n}`] : [`shop@${n}`])
  const wanted = () =>
    projects.flatMap((projectId) => Array.from({ length: 150 }, (_, n) => ({ projectId, values: values(n) })))

  test('have one id each, the same for every worker that meets them at once', async () => {
    const answers = await byAllAtOnce([...wanted(), ...wanted()], async (worker, shuffled) => {
      const ids = await resolveValues(worker, dimension, shuffled)
      return new Map(
        shuffled.map(({ projectId, values: [...parts] }, at) => [`${projectId} ${parts.join(' ')}`, ids[at]]),
      )
    })
    const [first] = answers
    for (const answer of answers) {
      expect(answer.size).toBe(450)
      for (const [key, id] of answer) expect(id, key).toBe(first?.get(key))
    }
    expect(new Set(first?.values()).size).toBe(rows)
    const [table] = await sql`SELECT count(*)::int AS n FROM ${sql(`dim_${name}`)}`
    expect(table).toEqual({ n: rows })
    expect(perProject).toBe(rows === 450)
  })

  test('burn no identity when they are met again', async () => {
    const before = await lastValue(`dim_${name}_id_seq`)
    // Meeting for the first time at the same moment may burn one each; that happens once in a value's life.
    expect(before).toBeLessThanOrEqual(rows * WORKERS)
    for (let times = 0; times < 5; times++)
      await byAllAtOnce(wanted(), (worker, all) => resolveValues(worker, dimension, all))
    expect(await lastValue(`dim_${name}_id_seq`)).toBe(before)
  })
})

test('a value of two columns tells null from empty', async () => {
  const [projectId] = projects
  const ids = await resolveValues(
    db,
    DIMENSIONS.get('os') ?? never(),
    [null, ''].map((version) => ({ projectId: projectId ?? never(), values: ['Plan 9', version] })),
  )
  expect(new Set(ids).size).toBe(2)
})

function never(): never {
  throw new Error('this test is wrong')
}
