import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'

/** Jobs are counted up to here; beyond, PostgreSQL's own estimate is close enough for what is decided by it. */
const COUNTED_MAX = 100_000
/** Of a table up to this size the active jobs are counted (no index knows them); of a larger one pg-boss's monitor has. */
const READ_BYTES_MAX = 16 * 1024 * 1024
/** Longer than that it only takes where vacuum was kept from its work; then the gauges grow old, and decide nothing. */
const TIMEOUT_MS = 5_000

/** Counts queues, each in a few milliseconds however long it is. Throws where one of them is not there. */
export async function readQueues(tx: Tx, names: readonly string[]): Promise<readonly QueueState[]> {
  await tieDown(tx)
  const states: QueueState[] = []
  for (const name of names) states.push(await readState(tx, name))
  return states
}

/**
 * By index alone: a table through which millions of jobs went is large and mostly empty, and reading it for its few
 * jobs is what the planner chooses until it is analysed.
 */
async function tieDown(tx: Tx): Promise<void> {
  await tx.execute(sql`
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
      set_config('statement_timeout', ${String(TIMEOUT_MS)}, true)`)
}

/** One queue of pg-boss's. */
export interface QueueState {
  name: string
  /** Those that wait for a later try, too. */
  waiting: number
  active: number
  /** Since the oldest waiting job was made; 0: none waits. */
  oldestSeconds: number
}

/**
 * The oldest job is looked for in pg-boss's index of waiting jobs (name, priority DESC, created_on): its first entry of each
 * priority, from one priority to the next, a few pages however long the queue.
 */
async function readState(tx: Tx, queue: string): Promise<QueueState> {
  const waiting = sql`name = ${queue} AND state < 'active' AND NOT blocked`
  const [row] = await tx.execute<StateRecord>(sql`
    WITH RECURSIVE first AS (
      (SELECT priority, created_on FROM pgboss.job WHERE ${waiting} ORDER BY priority DESC, created_on LIMIT 1)
      UNION ALL
      SELECT next.priority, next.created_on
      FROM first
      CROSS JOIN LATERAL (
        SELECT priority, created_on FROM pgboss.job WHERE ${waiting} AND priority < first.priority
        ORDER BY priority DESC, created_on LIMIT 1
      ) AS next
    )
    SELECT
      (SELECT count(*) FROM (SELECT FROM pgboss.job WHERE ${waiting} LIMIT ${COUNTED_MAX + 1}) AS counted)::int AS waiting,
      CASE WHEN pg_relation_size(pg_class.oid) <= ${READ_BYTES_MAX}
        THEN (SELECT count(*) FROM pgboss.job WHERE name = ${queue} AND state = 'active')::int
        ELSE queue.active_count
      END AS active,
      (SELECT extract(epoch FROM clock_timestamp() - min(created_on)) FROM first)::float8 AS oldest_seconds,
      pg_stat_get_live_tuples(pg_class.oid)::float8 AS live, pg_class.reltuples::float8 AS analysed
    FROM pgboss.queue
    JOIN pg_class ON pg_class.oid = to_regclass(format('pgboss.%I', queue.table_name))
    WHERE queue.name = ${queue}`)
  if (!row) throw new Error(`there is no queue ${queue}`)
  return { name: queue, waiting: waitingOf(row), active: row.active, oldestSeconds: row.oldest_seconds ?? 0 }
}

interface StateRecord extends Record<string, unknown> {
  waiting: number
  active: number
  /** Null: none waits. */
  oldest_seconds: number | null
  /** Rows of the table: as the statistics keep count of them, which a crash resets, and as vacuum or analyse saw it last. */
  live: number
  analysed: number
}

function waitingOf({ waiting, active, live, analysed }: StateRecord): number {
  if (waiting <= COUNTED_MAX) return waiting
  const rows = live > COUNTED_MAX ? live : analysed
  return Math.max(waiting, rows - active)
}
