import { parentOf } from '../../bench/stage/process-usage.ts'
import { type Balancer, startBalancer } from '../../support/balancer.ts'
import { type OwnPostgres, startOwnPostgres } from '../../support/own-postgres.ts'
import { createReleasers } from '../../support/releasers.ts'
import { type Role, type RoleProcess, startRole } from '../../support/start-role.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { createLeapingClock, type LeapingClock } from '../leaping-clock.ts'
import { shortenExpiry } from '../shorten-expiry.ts'
import { spoolSettings } from '../spool-settings.ts'
import { layWire, type Wire } from './wire.ts'

/** Two gateways behind a balancer, two workers, a PostgreSQL of their own, and the wire between them. */
export interface Crew {
  database: OwnPostgres
  wire: Wire
  balancer: Balancer
  clock: LeapingClock
  /** Those that run now, by role. */
  running: Readonly<Record<Role, readonly RoleProcess[]>>
  /** Where gateways keep what the database cannot take. */
  spoolFolder: string
  /** Ends one by a signal, waits for its end, and starts another in its place. */
  replace(one: RoleProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** An immediate shutdown, as after a crash, and a start at the same address. */
  crashDatabase(): Promise<void>
  stop(): Promise<void>
}

const ROLES: readonly Role[] = ['gateway', 'worker']
const EACH = 2
const LEAP_MS = 90_000

export async function startCrew(): Promise<Crew> {
  const releasers = createReleasers()
  try {
    return await gather(releasers)
  } catch (error) {
    await releasers.releaseAll()
    throw error
  }
}

async function gather(releasers: ReturnType<typeof createReleasers>): Promise<Crew> {
  const database = await startOwnPostgres()
  releasers.add(database.remove)
  const wire = await layWire(database.url)
  releasers.add(wire.stop)
  const balancer = await startBalancer()
  releasers.add(balancer.stop)
  const spool = await temporaryFolder('rumen-storm-')
  releasers.add(spool.remove)
  const clock = createLeapingClock(LEAP_MS)
  const running: Record<Role, RoleProcess[]> = { gateway: [], worker: [] }

  async function start(role: Role): Promise<void> {
    const process = await startRole(role, wire.url, {
      ...clock.environment(),
      LOG_LEVEL: 'silent',
      ...(role === 'gateway' && spoolSettings(spool.path)),
    })
    releasers.add(process.stop)
    running[role].push(process)
    if (role === 'gateway') balancer.add(process)
    await shortenExpiry(database.sql)
  }

  for (const role of ROLES) for (let n = 0; n < EACH; n++) await start(role)
  return {
    ...{ database, wire, balancer, clock, running },
    spoolFolder: spool.path,
    async replace(one, signal) {
      const role = running.gateway.includes(one) ? 'gateway' : 'worker'
      running[role] = running[role].filter((other) => other !== one)
      one.signal(signal)
      await one.exited
      await start(role)
    },
    async crashDatabase() {
      const [backend] = await database.sql<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
      process.kill(await parentOf(backend.pid), 'SIGQUIT')
      await database.stop()
      await database.start()
    },
    stop: releasers.releaseAll,
  }
}
