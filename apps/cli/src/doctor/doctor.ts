import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { type Connection, connect } from '@rumen/db/connect'
import { forecastDisk } from '@rumen/db/disk/forecast-disk'
import { hearsNotifications } from '@rumen/db/doctor/hears-notifications'
import { readServer } from '@rumen/db/doctor/read-server'
import { checkSchema } from '@rumen/db/migration/check-schema'
import { SchemaTooNewError } from '@rumen/db/migration/schema-state'
import { daysAhead } from '@rumen/db/partition/days-ahead'
import { readLargeDrop } from '@rumen/db/retention/large-drop'
import { type Check, checkInJson, well, worstOf } from '@rumen/health/check'
import { judgeDisk, judgePartitions } from '@rumen/health/judge-storage'
import { errorText } from '@rumen/telemetry/error-text'
import { type OpenDatabase, openDatabase } from '../open-database.ts'
import { fromRoot } from '../paths.ts'
import { publicUrl } from '../public-url.ts'
import { readOptions } from '../read-options.ts'
import { askGateway } from './ask-gateway.ts'
import { judgeNode, judgeOpenFiles, openFilesLimit } from './judge-machine.ts'
import { judgeAnalyst, judgeClock, judgeConnections, judgeLogin, judgeSettings, judgeVersion } from './judge-server.ts'
import { judgeDotenv } from './read-dotenv.ts'
import { trySpool } from './try-spool.ts'

type Checks = Record<string, Check>

/** `rumen doctor [--json]`: looks at everything Rumen stands on, and says what to do. Exit code 1 where something fails. */
export async function doctorCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { json = false } = readOptions(rest, { json: { type: 'boolean' } })
  const checks = { ...(await checkMachine(settings)), ...(await checkDatabase(settings)) }
  const status = worstOf(Object.values(checks))
  const inJson = Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, checkInJson(check)]))
  console.log(json ? JSON.stringify({ status, checks: inJson }) : inWords(checks))
  if (status === 'failing') process.exitCode = 1
}

async function checkMachine(settings: Settings): Promise<Checks> {
  return {
    node: judgeNode(process.versions.node),
    open_files: judgeOpenFiles(await openFilesLimit(), settings.MAX_CONNECTIONS),
    settings: await judgeDotenv(fromRoot('.env')),
    spool: await trySpool(settings.SPOOL_DIR, settings.MIN_FREE_DISK_BYTES),
    gateway: await askGateway(publicUrl(settings)),
  }
}

async function checkDatabase(settings: Settings): Promise<Checks> {
  let database: OpenDatabase
  try {
    database = await openDatabase(settings, console.error)
  } catch (error) {
    return { database: away(error) }
  }
  try {
    return await checkServer(database, settings)
  } catch (error) {
    return { database: away(error) }
  } finally {
    await database.close()
  }
}

async function checkServer(database: OpenDatabase, settings: Settings): Promise<Checks> {
  const facts = await onConnection(database.url, ({ sql }) => readServer(sql))
  return {
    database: well({ login: facts.login.name }),
    postgres: judgeVersion(facts),
    durability: judgeSettings(facts),
    clock: judgeClock(facts),
    connections: judgeConnections(facts, settings.DATABASE_POOL_SIZE),
    // The embedded server has no other login than its superuser.
    ...(settings.DATABASE_URL !== undefined && { login: judgeLogin(facts) }),
    analyst: judgeAnalyst(facts),
    notifications: await tryNotifications(database),
    ...(await checkTables(database, settings)),
  }
}

async function tryNotifications({ directUrl }: OpenDatabase): Promise<Check> {
  if (await onConnection(directUrl, ({ sql }) => hearsNotifications(sql))) return well()
  const message = 'a notification got lost: a pooler stands between Rumen and the database'
  const advice = 'set DATABASE_DIRECT_URL to the address of PostgreSQL itself'
  return { status: 'failing', message, advice, figures: {} }
}

/** How far the schema is, and whether tomorrow has a place to be written to. */
async function checkTables({ url, directUrl }: OpenDatabase, settings: Settings): Promise<Checks> {
  try {
    const { current, pending } = await checkSchema(directUrl)
    const schema = pending.length === 0 ? well({ migration: current }) : behind(pending.length)
    // What is asked next may need what is still to run.
    if (pending.length > 0) return { schema }
    const now = new Date()
    return await onConnection(url, async ({ db, sql }) => ({
      schema,
      partitions: judgePartitions(await daysAhead(sql, now), await readLargeDrop(db, now)),
      disk: judgeDisk({ forecast: await forecastDisk(db, { retention: retentionOf(settings), now }) }, now),
    }))
  } catch (error) {
    if (!(error instanceof SchemaTooNewError)) throw error
    return { schema: { status: 'failing', message: error.message, advice: null, figures: {} } }
  }
}

function behind(count: number): Check {
  const message = `${count} migration${count === 1 ? ' is' : 's are'} still to run`
  return {
    status: 'degraded',
    message,
    advice: 'rumen migrate --check says what they do; every start runs them',
    figures: { pending: count },
  }
}

async function onConnection<Result>(url: string, use: (connection: Connection) => Promise<Result>): Promise<Result> {
  const connection = connect(url, { poolSize: 2, name: 'rumen doctor' })
  return await use(connection).finally(connection.close)
}

function away(error: unknown): Check {
  const message = `the database cannot be used: ${errorText(error)}`
  return { status: 'failing', message, advice: 'see DATABASE_URL, and whether PostgreSQL runs', figures: {} }
}

const MARKS = { ok: 'ok', off: 'off', degraded: 'WARN', unknown: '?', failing: 'FAIL' } as const

function inWords(checks: Checks): string {
  return Object.entries(checks)
    .flatMap(([name, { status, message, advice, figures }]) => [
      [MARKS[status], name, message ?? figuresInWords(figures)].join('\t'),
      ...(advice === null ? [] : [`\t\tto do: ${advice}`]),
    ])
    .join('\n')
}

function figuresInWords(figures: Check['figures']): string {
  return Object.entries(figures)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${Array.isArray(value) ? value.join(' ') : value}`)
    .join(', ')
}
