import type { ReadArchive } from '@rumen/db/archive/read-archives'
import { type Connection, connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createGroupingConfigs } from './grouping-configs.ts'

let database: DatabaseClone
let connection: Connection
let projectId: ProjectId

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 2, name: 'test' })
})

beforeEach(async () => {
  projectId = (await createProject(connection.db, { name: 'Shop' })).id
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** An archive that came in while its project was at this version, and maybe moving from another. */
function archive(groupingVersion: number, formerGroupingVersion: number | null = null): ReadArchive {
  return {
    ...{ projectId, day: '2026-11-21', hash: '', eventId: null, receivedAt: new Date(0), endpoint: 'envelope' },
    ...{ contentType: null, encoding: '', clientIp: null, userAgent: null, sentryClient: null },
    ...{ queryRelease: null, queryEnvironment: null, body: Buffer.from('{}'), groupingVersion, formerGroupingVersion },
    ...{ hasSuppressed: false, erasureId: null },
  }
}

async function addVersion(version: number, config: { mechanism?: string; strategy?: string; rules?: string }) {
  const { mechanism = 'v1', strategy = 'stack', rules = '' } = config
  await connection.sql`
    INSERT INTO grouping_config (project_id, version, mechanism, strategy, rules)
    VALUES (${projectId}, ${version}, ${mechanism}, ${strategy}, ${rules})`
}

test('each archive is grouped by its own version, and the one before while its project moves', async () => {
  await addVersion(2, { strategy: 'transaction' })
  const configs = createGroupingConfigs(connection.db)
  const [before, moving, moved] = [archive(1), archive(2, 1), archive(2)]
  await configs.learn([before, moving, moved])
  expect(configs.of(before)).toMatchObject({ current: { strategy: 'stack' }, former: null })
  expect(configs.of(moving)).toMatchObject({ current: { strategy: 'transaction' }, former: { strategy: 'stack' } })
  expect(configs.of(moved)).toMatchObject({ current: { strategy: 'transaction' }, former: null })
})

test.each([
  ['a mechanism', { mechanism: 'v9' }],
  ['a strategy', { strategy: 'guess' }],
  ['rules', { rules: 'shoe:size -> fits' }],
])('%s this version does not know makes no guess, neither as the present nor as the former one', async (_, config) => {
  await addVersion(2, config)
  const configs = createGroupingConfigs(connection.db)
  const [present, former, other] = [archive(2), archive(1, 2), archive(1)]
  await configs.learn([present, former, other])
  expect([configs.of(present), configs.of(former)]).toEqual([null, null])
  expect(configs.of(other)).not.toBeNull()
})

test('a version that is gone with its project is nobody’s to guess', async () => {
  const configs = createGroupingConfigs(connection.db)
  await configs.learn([archive(7)])
  expect(configs.of(archive(7))).toBeNull()
})

test('a version is read once', async () => {
  const configs = createGroupingConfigs(connection.db)
  await configs.learn([archive(1)])
  await connection.sql`UPDATE grouping_config SET strategy = 'transaction' WHERE project_id = ${projectId}`
  await configs.learn([archive(1)])
  expect(configs.of(archive(1))).toMatchObject({ current: { strategy: 'stack' } })
})

test('what a batch brings that is new pushes out nothing of that batch', async () => {
  await connection.sql`
    INSERT INTO grouping_config (project_id, version) SELECT ${projectId}, n FROM generate_series(2, 10002) AS n`
  const configs = createGroupingConfigs(connection.db)
  await configs.learn(Array.from({ length: 10_000 }, (_, n) => archive(n + 1)))
  await configs.learn([archive(1), archive(10_001), archive(10_002)])
  expect([1, 10_001, 10_002].filter((version) => configs.of(archive(version)) === null)).toEqual([])
})
