import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '@rumen/config/read-settings'
import { connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import { listProjects } from '@rumen/db/project/list-projects'
import { formatDsn } from '@rumen/protocol/dsn'
import { CommandError } from '../command-error.ts'
import { prepare } from '../migrate/migrate.ts'
import { type OpenDatabase, ownDatabase } from '../open-database.ts'
import { STATE_FOLDER } from '../paths.ts'
import { publicUrl, rememberedPort, rememberPort } from '../public-url.ts'
import { ROLES, type Role } from './roles.ts'
import { type RunningRole, runRole } from './run-role.ts'
import { welcome } from './welcome.ts'

const RESTART_MS = 1_000

/**
 * Everything on one machine: the database unless there is one, a first project, a gateway and a worker as child
 * processes. One that dies is started again. SIGINT and SIGTERM stop all of it, the database last.
 */
export async function serveAll(settings: Settings, environment: NodeJS.ProcessEnv): Promise<void> {
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort(signal))
  const database = await ownDatabase(settings, console.log)
  try {
    stopping.signal.throwIfAborted()
    console.log('Bringing the database up to date.')
    await prepare(database)
    stopping.signal.throwIfAborted()
    await serveOn({
      database,
      settings,
      stopping: stopping.signal,
      environment: roleEnvironment(environment, database),
    })
  } catch (error) {
    // Ctrl-C while starting reaches the roles too: that one of them did not start is no news then.
    if (!stopping.signal.aborted) throw error
  } finally {
    await database.close()
    if (stopping.signal.aborted) console.log('Rumen has stopped.')
  }
}

interface Service {
  database: OpenDatabase
  settings: Settings
  /** What the roles are started with. */
  environment: NodeJS.ProcessEnv
  stopping: AbortSignal
}

/**
 * What differs where everything is one's own: beside the greeting only what goes wrong is worth a line, no balancer has to
 * turn away before a stop, and there is a place for events while the database is away.
 */
const ON_ONE_MACHINE = {
  LOG_LEVEL: 'warn',
  STOP_DELAY_SECS: '0',
  SPOOL_DIR: `${STATE_FOLDER}/spool`,
}

function roleEnvironment(environment: NodeJS.ProcessEnv, { url, directUrl }: OpenDatabase): NodeJS.ProcessEnv {
  return { ...ON_ONE_MACHINE, ...environment, DATABASE_URL: url, DATABASE_DIRECT_URL: directUrl }
}

async function serveOn({ database, settings, environment, stopping }: Service): Promise<void> {
  const roles = new Map<Role, RunningRole>()
  const wantedPort = settings.GATEWAY_PORT || rememberedPort()
  try {
    const gateway = await runRole('gateway', settings, { ...environment, GATEWAY_PORT: String(wantedPort) })
    roles.set('gateway', gateway)
    const port = gateway.port ?? wantedPort
    if (settings.GATEWAY_PORT === 0) await rememberPort(port)
    roles.set('worker', await runRole('worker', settings, environment))
    const gatewayUrl = publicUrl(settings, port)
    const databaseUrl = settings.DATABASE_URL === undefined ? database.url : null
    console.log(welcome({ dsn: await firstDsn(database, gatewayUrl), gatewayUrl, databaseUrl }))
    const again = { ...environment, GATEWAY_PORT: String(port) }
    await Promise.all(ROLES.map((role) => keepRunning({ role, roles, settings, environment: again, stopping })))
  } finally {
    await Promise.all(roles.values().map((role) => role.stop()))
  }
}

/** Starts a role again whenever it ends, until Rumen is stopped. */
async function keepRunning({
  role,
  roles,
  settings,
  environment,
  stopping,
}: Pick<Service, 'settings' | 'environment' | 'stopping'> & {
  role: Role
  roles: Map<Role, RunningRole>
}): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stopping.aborted) resolve()
    stopping.addEventListener('abort', () => resolve())
  })
  for (;;) {
    const how = await Promise.race([roles.get(role)?.ended, stopped])
    if (stopping.aborted) return
    console.error(`rumen: the ${role} ended (${how}) and is started again`)
    await delay(RESTART_MS)
    if (stopping.aborted) return
    try {
      roles.set(role, await runRole(role, settings, environment))
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      console.error(`rumen: ${error.message}`)
    }
  }
}

/** The DSN of the oldest project; when there is none yet, of a first one made for it. */
async function firstDsn(database: OpenDatabase, url: string): Promise<string> {
  const { db, close } = connect(database.url, { poolSize: 1, name: 'rumen serve' })
  try {
    const projects = await listProjects(db)
    const project = projects.find(({ publicKeys }) => publicKeys.length > 0)
    const publicKey = project?.publicKeys[0]
    if (project && publicKey) return formatDsn({ publicUrl: url, publicKey, projectId: project.id })
    const made = await createProject(db, { name: 'First project' })
    return formatDsn({ publicUrl: url, publicKey: made.publicKey, projectId: made.id })
  } finally {
    await close()
  }
}
