import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { createDatabase } from '@rumen/embedded/create-database'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { installQueues } from '@rumen/queue/install-queues'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { recount } from '../support/recount.ts'
import { type RoleProcess, startRole } from '../support/start-role.ts'
import { waitFor } from '../support/wait-for.ts'

// What docs/operations.md says of backups, step by step, with PostgreSQL's own tools: those of a Debian package, because the
// binaries of the tests' own server have none.

const DEBIAN = '/usr/lib/postgresql'
const binDir = (existsSync(DEBIAN) ? readdirSync(DEBIAN) : [])
  .map((version) => join(DEBIAN, version, 'bin'))
  .find((folder) => ['postgres', 'initdb', 'pg_dump', 'pg_restore'].every((name) => existsSync(join(folder, name))))

/** Steps to undo, last first. */
const releasers: (() => Promise<unknown>)[] = []
let adminUrl: string
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rumen-backup-'))
  releasers.push(() => rm(folder, { recursive: true, force: true }))
  if (binDir === undefined) return
  const server = await startPostgres({ dataDir: join(folder, 'server'), binDir, settings: { fsync: 'off' } })
  releasers.push(server.stop)
  adminUrl = server.url
})

afterAll(async () => {
  for (const release of releasers.reverse()) await release()
})

async function open(
  name: string,
): Promise<{ url: string; sql: ReturnType<typeof connect>['sql']; db: ReturnType<typeof connect>['db'] }> {
  await createDatabase(adminUrl, name)
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  const { sql, db, close } = connect(url.href, { poolSize: 2, name: 'test' })
  releasers.push(close)
  return { url: url.href, sql, db }
}

async function start(role: 'gateway' | 'worker', url: string): Promise<RoleProcess> {
  const started = await startRole(role, url)
  releasers.push(started.stop)
  return started
}

async function run(tool: string, ...args: readonly string[]): Promise<void> {
  await promisify(execFile)(join(binDir ?? '', tool), args)
}

async function send(gateway: RoleProcess, project: NewProject): Promise<string> {
  const event = makeEvent()
  const { status } = await postEnvelope(`http://127.0.0.1:${gateway.port}`, project, makeEnvelope(event))
  expect(status).toBe(200)
  return event.event_id
}

test.skipIf(binDir === undefined)(
  `a dump taken while events come in is all of Rumen of one moment (skipped without PostgreSQL's tools in ${DEBIAN})`,
  async () => {
    const before = await open('rumen')
    await migrate(before.url)
    await installQueues(before.url)
    const project = await createProject(before.db, { name: 'Shop' })
    const gateway = await start('gateway', before.url)
    const worker = await start('worker', before.url)
    const sent: string[] = []
    for (let at = 0; at < 40; at++) sent.push(await send(gateway, project))
    await waitFor('their reports', async () => (await before.sql`SELECT FROM analytics.reports`).length === 40, 60_000)
    await worker.stop()
    const waiting = [await send(gateway, project), await send(gateway, project)]

    let going = true
    const later: string[] = []
    const load = (async () => {
      while (going) later.push(await send(gateway, project))
    })()
    const file = join(folder, 'rumen.dump')
    await run('pg_dump', '--format=custom', `--file=${file}`, before.url)
    going = false
    await load

    const after = await open('restored')
    await run('pg_restore', '--no-owner', '--exit-on-error', `--dbname=${after.url}`, file)
    const reports = (sql: typeof before.sql) =>
      sql`SELECT * FROM analytics.reports WHERE event_id = ANY (${sent}) ORDER BY event_id`
    expect(await reports(after.sql)).toEqual(await reports(before.sql))

    await start('worker', after.url)
    const restored = await start('gateway', after.url)
    const fresh = await send(restored, project)
    // What waited when the dump was taken is digested there, and so is what comes.
    await waitFor(
      'what waited, and what came',
      async () => {
        const rows = await after.sql`SELECT FROM analytics.reports WHERE event_id = ANY (${[...waiting, fresh]})`
        return rows.length === 3
      },
      60_000,
    )
    const [known] = await after.sql<{ events: number }[]>`SELECT count(*)::int AS events FROM archive`
    expect(known?.events).toBeGreaterThanOrEqual(43)
    expect(known?.events).toBeLessThanOrEqual(43 + later.length)
    await waitFor('an empty queue', async () => {
      return (await after.sql`SELECT FROM pgboss.job WHERE name LIKE 'digest%'`).length === 0
    })
    expect(await recount(after.sql, project)).toEqual([])
  },
  180_000,
)
