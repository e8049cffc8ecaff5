import { rm } from 'node:fs/promises'
import { type Connection, connect } from '@rumen/db/connect'
import { migrate } from '@rumen/db/migrate'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { type RunningPostgres, startPostgres } from '@rumen/embedded/start-postgres'
import { makeThrowawayFolder } from '@rumen/embedded/throwaway-folder'
import { installQueues } from '@rumen/queue/install-queues'
import type { Sql } from 'postgres'

/** A PostgreSQL of the test's own, migrated and with a project, that can be away and come back at the same address. */
export interface OwnPostgres {
  url: string
  project: NewProject
  /** Usable whenever the server is there. */
  sql: Sql
  db: Connection['db']
  /** Every connection is ended, nothing committed is lost; until `start`, connections are refused. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Stops it for good and removes its data. */
  remove(): Promise<void>
}

/** The data may be lost with the machine, never with a stop; `isDurable`: not even then. */
export async function startOwnPostgres({ isDurable = false } = {}): Promise<OwnPostgres> {
  const dataDir = await makeThrowawayFolder()
  const removeFolder = () => rm(dataDir, { recursive: true, force: true })
  const binDir = process.env.RUMEN_TEST_POSTGRES_BIN
  const options = { dataDir, ...(!isDurable && { settings: { fsync: 'off' } }), ...(binDir ? { binDir } : {}) }
  let server: RunningPostgres
  try {
    server = await startPostgres(options)
  } catch (error) {
    await removeFolder()
    throw error
  }
  const { url, port } = server
  const { sql, db, close } = connect(url, { poolSize: 3, name: 'test' })
  const remove = async () => {
    await close()
    await server.stop()
    await removeFolder()
  }
  try {
    await migrate(url)
    await installQueues(url)
    const project = await createProject(db, { name: 'Test' })
    return {
      url,
      project,
      sql,
      db,
      stop: () => server.stop(),
      async start() {
        server = await startPostgres({ ...options, port })
      },
      remove,
    }
  } catch (error) {
    await remove()
    throw error
  }
}
