import { type Connection, connect } from '@rumen/db/connect'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { testDatabase } from '@rumen/embedded/test-database'
import { formatDsn } from '@rumen/protocol/dsn'
import type { Sql } from 'postgres'
import { type RoleProcess, startRole } from './start-role.ts'

/** A database of its own with a project, and the real processes on it. */
export interface Stack {
  databaseUrl: string
  sql: Sql
  db: Connection['db']
  project: NewProject
  gateways: RoleProcess[]
  workers: RoleProcess[]
  /** Of the first gateway. */
  gatewayUrl: string
  dsn: string
  /** One more process, stopped with the stack. */
  addGateway(environment?: Readonly<Record<string, string>>): Promise<RoleProcess>
  addWorker(environment?: Readonly<Record<string, string>>): Promise<RoleProcess>
  /** Stops what still runs and removes the database. */
  stop(): Promise<void>
}

/** Starts so many gateways and workers. A role that was killed by the test is left alone when the stack stops. */
export async function startStack({ gateways = 1, workers = 1 } = {}): Promise<Stack> {
  const database = await testDatabase()
  const connection = connect(database.url, { poolSize: 3, name: 'test' })
  const running = { gateways: [] as RoleProcess[], workers: [] as RoleProcess[] }
  const stop = async () => {
    // A suspended process never gets to its SIGTERM.
    for (const role of [...running.gateways, ...running.workers]) role.signal('SIGCONT')
    await Promise.all([...running.gateways, ...running.workers].map((role) => role.stop()))
    await connection.close()
    await database.drop()
  }
  const add = async (role: 'gateway' | 'worker', environment?: Readonly<Record<string, string>>) => {
    const started = await startRole(role, database.url, environment)
    running[`${role}s`].push(started)
    return started
  }
  try {
    const project = await createProject(connection.db, { name: 'Test' })
    const roles = [...Array<'gateway'>(gateways).fill('gateway'), ...Array<'worker'>(workers).fill('worker')]
    const starts = await Promise.allSettled(roles.map((role) => add(role)))
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    const gatewayUrl = `http://127.0.0.1:${running.gateways[0]?.port ?? 0}`
    return {
      databaseUrl: database.url,
      sql: connection.sql,
      db: connection.db,
      project,
      ...running,
      gatewayUrl,
      dsn: formatDsn({ publicUrl: gatewayUrl, publicKey: project.publicKey, projectId: project.id }),
      addGateway: (environment) => add('gateway', environment),
      addWorker: (environment) => add('worker', environment),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
