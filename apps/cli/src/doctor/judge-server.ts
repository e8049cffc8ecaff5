import type { ServerFacts } from '@rumen/db/doctor/read-server'
import { type Check, well } from '@rumen/health/check'
import { countInWords, secondsInWords } from '@rumen/health/in-words'

/** Supported: tested against the first, and everything up to the last. */
const VERSIONS = { min: 15, max: 18 } as const

export function judgeVersion({ version }: ServerFacts): Check {
  const figures = { version: `${Math.floor(version / 10_000)}.${version % 10_000}` }
  const major = Math.floor(version / 10_000)
  if (major < VERSIONS.min) {
    const message = `the database is PostgreSQL ${figures.version}, too old`
    return { status: 'failing', message, advice: `upgrade it to ${VERSIONS.min} or later`, figures }
  }
  if (major > VERSIONS.max) {
    const message = `the database is PostgreSQL ${figures.version}, newer than any Rumen was tested against`
    return { status: 'degraded', message, advice: 'look for a newer version of Rumen', figures }
  }
  return well(figures)
}

/** What each setting has to be, what happens otherwise, and what to do. */
const WANTED = {
  fsync: ['on', 'a crash of the machine loses events that were answered 200, or the whole database'],
  full_page_writes: ['on', 'a crash of the machine can tear pages: the database would have to be restored'],
  synchronous_commit: ['on', 'a crash of the machine loses events that were answered 200'],
  autovacuum: ['on', 'the queue grows slower by the hour, and disk is not given back'],
  track_counts: ['on', 'autovacuum does not know what to do'],
} as const satisfies Record<string, readonly [wanted: string, otherwise: string]>

/** Weaker than `on`, yet what was answered is kept; the stronger ones wait for replicas. */
const ALSO_FINE = new Set([
  'synchronous_commit remote_write',
  'synchronous_commit remote_apply',
  'synchronous_commit local',
])

/** Whether a crash of the database's machine loses nothing, and whether it stays fast. */
export function judgeSettings({ settings }: ServerFacts): Check {
  const wrong = Object.entries(WANTED).filter(([name, [wanted]]) => {
    const value = settings[name]
    return value !== undefined && value !== wanted && !ALSO_FINE.has(`${name} ${value}`)
  })
  const figures = Object.fromEntries(Object.keys(WANTED).map((name) => [name, settings[name] ?? null]))
  if (wrong.length === 0) return well(figures)
  const message = wrong.map(([name, [, otherwise]]) => `${name} is ${settings[name]}: ${otherwise}`).join('; ')
  const advice = wrong.map(([name, [wanted]]) => `ALTER SYSTEM SET ${name} = ${wanted}`).join('; ')
  return { status: 'failing', message, advice: `${advice}; SELECT pg_reload_conf()`, figures }
}

const CLOCK_MS = { odd: 2_000, wrong: 60_000 } as const

/** Days, hours and what is overdue go by the gateway's clock and the database's: they have to agree. */
export function judgeClock({ clockAheadMs }: ServerFacts): Check {
  const figures = { ahead_ms: Math.round(clockAheadMs) }
  const off = Math.abs(clockAheadMs)
  if (off < CLOCK_MS.odd) return well(figures)
  const message = `the clock of the database is ${secondsInWords(off / 1000)} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine's`
  return {
    status: off < CLOCK_MS.wrong ? 'degraded' : 'failing',
    message,
    advice: 'synchronise both with NTP',
    figures,
  }
}

/** Of a gateway, of a worker, of a command: each a few beside its pool. */
const BESIDE_POOL = 6

/** Whether there is room for one gateway, one worker and a command. */
export function judgeConnections({ connections }: ServerFacts, poolSize: number): Check {
  const needed = 2 * (poolSize + BESIDE_POOL)
  const figures = { ...connections, of_two_processes: needed }
  if (connections.max < needed) {
    const message = `a gateway and a worker may open ${countInWords(needed, 'connection')}, and the database allows ${connections.max}`
    return { status: 'failing', message, advice: 'raise max_connections, or lower DATABASE_POOL_SIZE', figures }
  }
  if (connections.used > 0.8 * connections.max) {
    const message = `${connections.used} of ${countInWords(connections.max, 'connection')} are in use`
    return { status: 'degraded', message, advice: 'raise max_connections, or put a pooler in front', figures }
  }
  return well(figures)
}

/** What the login may do: Rumen makes partitions every day, and roles for analysts where it may. */
export function judgeLogin({ login }: ServerFacts): Check {
  const figures = { name: login.name, can_create_roles: login.canCreateRoles }
  if (!login.canCreateSchemas || !login.canCreateTables) {
    const message = `the login ${login.name} may not create ${login.canCreateSchemas ? 'tables' : 'schemas'}`
    const advice = login.canCreateSchemas
      ? `GRANT CREATE ON SCHEMA public TO ${login.name}`
      : `make it the owner of the database: ALTER DATABASE … OWNER TO ${login.name}`
    return { status: 'failing', message, advice, figures }
  }
  if (login.isSuperuser) {
    const message = `the login ${login.name} is a superuser, and needs not be`
    return {
      status: 'degraded',
      message,
      advice: 'give Rumen a login that owns its database and nothing else',
      figures,
    }
  }
  return well(figures)
}

const TIMEOUTS = ['statement_timeout', 'idle_in_transaction_session_timeout'] as const

/** Whether analysts can look, and a forgotten query of theirs ends by itself. */
export function judgeAnalyst({ analyst, login }: ServerFacts): Check {
  const figures = { role: 'metabase_readonly', exists: analyst !== null }
  if (analyst === null) {
    const advice = login.canCreateRoles
      ? 'it is made by the next migration'
      : 'have somebody with CREATEROLE run: CREATE ROLE metabase_readonly LOGIN, then start Rumen once'
    return { status: 'degraded', message: 'there is no role metabase_readonly for analysts', advice, figures }
  }
  if (!analyst.seesViews) {
    const advice =
      'run: GRANT USAGE ON SCHEMA analytics TO metabase_readonly; GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO metabase_readonly'
    return { status: 'degraded', message: 'metabase_readonly may not read the views', advice, figures }
  }
  const missing = TIMEOUTS.filter((name) => !analyst.settings.some((setting) => setting.startsWith(`${name}=`)))
  if (missing.length === 0) return well(figures)
  const message = `metabase_readonly has no ${missing.join(' and no ')}: one forgotten query slows the queue`
  const advice = missing.map(
    (name) => `ALTER ROLE metabase_readonly SET ${name} = '${name === 'statement_timeout' ? 30 : 10}s'`,
  )
  return { status: 'degraded', message, advice: advice.join('; '), figures }
}
