import { type Connection, connect, type Db } from '@rumen/db/connect'
import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { resolveValues } from '@rumen/db/dimension/resolve-values'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Workers that meet the same values at the same moment, each with a pool of its own. */
const WORKERS = 4

let database: DatabaseClone
let workers: Connection[]
let db: Db
let sql: Sql
let projects: ProjectId[]

beforeAll(async () => {
  database = await testDatabase()
  workers = Array.from({ length: WORKERS }, () => connect(database.url, { poolSize: 2, name: 'test' }))
  ;({ db, sql } = workers[0] ?? never())
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
