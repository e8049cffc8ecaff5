import { createHash, randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { connect } from '@rumen/db/connect'
import { addDays, type Day, dayOf } from '@rumen/db/partition/day'
import { PARTITIONED_TABLES } from '@rumen/db/partition/partitioned-tables'
import { testDatabase } from '@rumen/embedded/test-database'
import { DIGEST_QUEUE, WAKE_UP_CHANNEL } from '@rumen/queue/digest-queue'
import { type Rhythm, UPKEEP_QUEUE, UPKEEP_QUEUE_OPTIONS } from '@rumen/queue/upkeep-queue'
import type { Sql } from 'postgres'
import { createLeapingClock } from '../faults/leaping-clock.ts'
import { startRole } from './start-role.ts'
import { waitFor } from './wait-for.ts'

const DAY_MS = 24 * 60 * 60 * 1000
/** A second or two, but where the machine has much else to do. */
const WAIT_MS_MAX = 240_000

/** What a gateway received: an envelope of a project, at a time of the present day. */
export interface Received {
  projectId: string
  eventId: string | null
  /** Of the day, `HH:MM`. */
  at: string
  envelope: string
}

/** A database with a real worker on it, whose clock goes from day to day. The last of them is the real today. */
export interface SimulatedDays {
  databaseUrl: string
  sql: Sql
  today(): Day
  /** Keeps what was received, and waits until the worker has digested it. */
  receive(received: readonly Received[]): Promise<void>
  /** Waits until the worker has done what is due in these rhythms. */
  upkeep(rhythms: readonly Rhythm[]): Promise<void>
  nextDay(): Promise<void>
  /** Stops the worker, and gives what it wrote. */
  stop(): Promise<string>
}

/**
 * Starts on the day `days - 1` ago. The database's own clock cannot be moved: what it stamps into the ledger is moved to the
 * day it was about, as if it were that day's.
 */
export async function simulateDays(
  days: number,
  environment: Readonly<Record<string, string>>,
): Promise<SimulatedDays> {
  const database = await testDatabase()
  const { sql, close } = connect(database.url, { poolSize: 3, name: 'test' })
  // Those the copy was made with are of the last day: they come when they are due.
  for (const table of PARTITIONED_TABLES) {
    const partitions =
      await sql`SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = ${table}::regclass`
    for (const { name } of partitions) await sql.unsafe(`DROP TABLE ${name}`)
  }
  const noon = Date.parse(`${addDays(dayOf(new Date()), 1 - days)}T12:00:00Z`)
  let today = dayOf(new Date(noon))
  let aheadMs = noon - Date.now()
  const worker = await startRole('worker', database.url, {
    ...createLeapingClock(DAY_MS).environment(),
    CLOCK_AHEAD_MS: `${aheadMs}`,
    WORKER_INTERVAL_SECS: '1',
    ...environment,
  })
  const isDone = async (queue: string) => {
    const [job] = await sql`SELECT FROM pgboss.job WHERE name = ${queue} AND state < 'completed' LIMIT 1`
    return job === undefined
  }
  await waitFor('the upkeep of a start', () => isDone(UPKEEP_QUEUE), WAIT_MS_MAX)
  return {
    databaseUrl: database.url,
    sql,
    today: () => today,
    async receive(received) {
      const jobs = await keep(sql, today, received)
      await sql`
        INSERT INTO pgboss.job (name, policy, expire_seconds, data)
        SELECT ${DIGEST_QUEUE}, 'standard', 60, job FROM jsonb_array_elements(${JSON.stringify(jobs)}::jsonb) AS job`
      await sql.notify(WAKE_UP_CHANNEL, '')
      await waitFor('the digest of a day', () => isDone(DIGEST_QUEUE), WAIT_MS_MAX)
      await sql`UPDATE outcome SET recorded_at = day + time '12:00' AT TIME ZONE 'UTC' WHERE day = ${today}`
    },
    async upkeep(rhythms) {
      const { policy, heartbeatSeconds, expireInSeconds, retryLimit } = UPKEEP_QUEUE_OPTIONS
      const options = {
        policy,
        heartbeat_seconds: heartbeatSeconds,
        expire_seconds: expireInSeconds,
        retry_limit: retryLimit,
      }
      for (const rhythm of rhythms) {
        const job = { name: UPKEEP_QUEUE, data: JSON.stringify({ rhythm }), singleton_key: rhythm, ...options }
        await sql`INSERT INTO pgboss.job ${sql([job])} ON CONFLICT DO NOTHING`
      }
      await waitFor('the upkeep of a day', () => isDone(UPKEEP_QUEUE), WAIT_MS_MAX)
    },
    async nextDay() {
      aheadMs += DAY_MS
      worker.signal('SIGUSR2')
      await waitFor('a clock to leap', () => worker.output().includes(`the clock is ${aheadMs} ms ahead`))
      today = addDays(today, 1)
    },
    async stop() {
      await worker.stop()
      await close()
      await database.drop()
      return worker.output()
    },
  }
}

/** As a gateway does; gives the addresses. */
async function keep(sql: Sql, day: Day, received: readonly Received[]) {
  const rows = received.map(({ projectId, eventId, at, envelope }) => {
    const body = gzipSync(envelope)
    const hash = createHash('sha256').update(body).digest()
    return {
      row: {
        ...{ project_id: projectId, day, hash, event_id: eventId, received_at: `${day}T${at}:00Z` },
        ...{ endpoint: 'envelope', encoding: 'gzip', wire_bytes: body.length, body },
      },
      job: { project_id: projectId, day, hash: hash.toString('hex') },
    }
  })
  await sql`INSERT INTO archive ${sql(rows.map(({ row }) => row))}`
  return rows.map(({ job }) => job)
}

/** So many characters that no compression makes less of. */
export function noise(chars: number): string {
  return randomBytes(Math.ceil(chars / 2))
    .toString('hex')
    .slice(0, chars)
}
