import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { gauge } from '../tables/gateway.ts'
import type { GaugeName } from './read-gauges.ts'
import { readQueues } from './read-queues.ts'

export interface QueueNames {
  /** Queues whose jobs wait for a worker. */
  digest: readonly string[]
  /** The queue of the jobs nobody takes any more. */
  dead: string
}

const FRESH_SECONDS = 5

/**
 * Counts pg-boss's queues and publishes it in `gauge`, timed by the database's clock: `queue_waiting` (those that wait for a
 * later try too), `queue_active`, `queue_dead`, and `queue_oldest_seconds`, since the oldest waiting job was made, 0 where none
 * waits. Any number of processes may call it every few seconds: one at a time measures, and none while a measurement is
 * younger than five seconds. True when this call did.
 */
export async function measureQueue(db: Db, queues: QueueNames): Promise<boolean> {
  return await db.transaction(async (tx) => {
    if (!(await isMine(tx)) || (await isFresh(tx))) return false
    const [dead, ...digest] = await readQueues(tx, [queues.dead, ...queues.digest])
    if (!dead) return false
    const total = (what: 'waiting' | 'active') => digest.reduce((sum, state) => sum + state[what], 0)
    await publish(tx, {
      queue_waiting: total('waiting'),
      queue_active: total('active'),
      queue_oldest_seconds: Math.round(Math.max(0, ...digest.map((state) => state.oldestSeconds))),
      queue_dead: dead.waiting,
    })
    return true
  })
}

async function isMine(tx: Tx): Promise<boolean> {
  const rows = await tx.execute(sql`SELECT WHERE pg_try_advisory_xact_lock(hashtext('rumen gauge'))`)
  return rows.length > 0
}

/** In a statement of its own, so that it sees what whoever held the lock before has committed. */
async function isFresh(tx: Tx): Promise<boolean> {
  const rows = await tx.execute(sql`
    SELECT FROM gauge
    WHERE name = 'queue_waiting' AND measured_at > clock_timestamp() - make_interval(secs => ${FRESH_SECONDS})`)
  return rows.length > 0
}

async function publish(tx: Tx, values: Readonly<Record<GaugeName, number>>): Promise<void> {
  const rows = Object.entries(values).map(([name, value]) => ({ name, value }))
  await tx.execute(sql`
    INSERT INTO gauge (name, value, measured_at)
    SELECT r.name, r.value, clock_timestamp()
    FROM ${recordset(gauge, ['name', 'value'], rows)}
    ORDER BY r.name
    ON CONFLICT (name) DO UPDATE SET value = excluded.value, measured_at = excluded.measured_at`)
}
