import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, type Db } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { dataFolder } from '@rumen/embedded/data-folder'
import { findOwner } from '@rumen/embedded/ownership'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { installQueues } from '@rumen/queue/install-queues'
import type { Sql } from 'postgres'
import { parentOf } from './process-usage.ts'

const PREFIX = 'postgres-'

/** A migrated database on a server of its own, durable as in production. */
export interface Stage {
  databaseUrl: string
  db: Db
  sql: Sql
  project: NewProject
  /** The server's first process, 0 where nobody can say. */
  postgresPid: number
  postgresVersion: string
  /** Empties archive and queue and writes everything out, so that each load starts from the same state. */
  clear(): Promise<void>
  /** Empties whatever a digest fills, too. Workers remember ids: none may run. */
  reset(): Promise<void>
  stop(): Promise<void>
}

/** `folder` must lie on a disk: in memory fsync costs nothing, and the figures would be worth as much. */
export async function startStage(folder: string, settings: Record<string, string> = {}): Promise<Stage> {
  await mkdir(folder, { recursive: true })
  await removeAbandoned(folder)
  const dataDir = await mkdtemp(join(folder, PREFIX))
  const releasers: (() => Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const release of releasers.splice(0).reverse()) await release()
  }
  try {
    const server = await startPostgres({ dataDir, settings })
    releasers.push(server.stop)
    await migrate(server.url)
    await installQueues(server.url)
    const { db, sql, close } = connect(server.url, { poolSize: 2, name: 'bench' })
    releasers.push(close)
    const project = await createProject(db, { name: 'Bench' })
    const [row] = await sql<{ pid: number; version: string; durable: boolean }[]>`
      SELECT pg_backend_pid() AS pid, current_setting('server_version') AS version,
        current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on' AS durable`
    if (!row?.durable) throw new Error('the server is not durable: fsync and synchronous_commit must be on')
    return {
      databaseUrl: server.url,
      db,
      sql,
      project,
      postgresPid: await parentOf(row.pid),
      postgresVersion: row.version,
      async clear() {
        await sql`TRUNCATE archive, pgboss.job`
        await sql`CHECKPOINT`
      },
      async reset() {
        await emptyTables(sql)
        await sql`TRUNCATE pgboss.job`
        await sql`CHECKPOINT`
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Tables without which there would be no project to send to. */
const KEPT = ['project', 'project_key', 'project_counter', 'grouping_config']

/** Of the partitions of fifteen days most are empty, and stay as they are. */
async function emptyTables(sql: Sql): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    SELECT oid::regclass::text AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL (${KEPT}) AND pg_relation_size(oid) > 0`
  if (tables.length > 0) await sql.unsafe(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`)
}

/** Databases of runs that were killed before they could remove them; their servers left with them. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    if (!name.startsWith(PREFIX) || (await findOwner(dataFolder(path)))) continue
    await rm(path, { recursive: true, force: true })
  }
}
