import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { ArchiveAddress } from '../archive/archive-row.ts'
import { archiveAddress } from '../archive/read-archives.ts'
import type { Tx } from '../connect.ts'
import type { QueueNames } from '../gauge/measure-queue.ts'
import { recordset } from '../recordset.ts'
import { archive } from '../tables/archive.ts'

/** What an archive waits for. */
export type JobState =
  | { state: 'waiting'; queue: string; tries: number; notBefore: Date; ahead: number; isMore: boolean }
  | { state: 'digesting'; queue: string; tries: number; since: Date }
  | { state: 'dead'; id: string; tries: number; since: Date; reason: string }

/** Jobs before one are counted up to here. */
const AHEAD_MAX = 100_000
/** A job is made with its archive, within so many seconds by two clocks, unless it waited in a spool. */
const BEFORE_SECONDS = 10
const AFTER_SECONDS = 60

/**
 * The jobs of the archives, by `archiveAddress`; those without one are left out. No index knows which archive a job is
 * about: first a look at those made when it came in, and only for what that does not find at all of them. With a million
 * waiting, on a machine with other things to do, half a second and two to four seconds were measured.
 */
export async function findJobs(
  tx: Tx,
  queues: QueueNames,
  archives: readonly (ArchiveAddress & { receivedAt: Date })[],
): Promise<ReadonlyMap<string, JobState>> {
  const states = new Map<string, JobState>()
  for (const job of await readJobs(tx, queues, archives)) states.set(addressOf(job), await stateOf(tx, queues, job))
  return states
}

/** Of the archives those that have a job, waiting, in hand or given up, by `archiveAddress`: found in the same way. */
export async function findUndigested(
  tx: Tx,
  queues: QueueNames,
  archives: readonly (ArchiveAddress & { receivedAt: Date })[],
): Promise<ReadonlySet<string>> {
  return new Set((await readJobs(tx, queues, archives)).map(addressOf))
}

async function readJobs(
  tx: Tx,
  queues: QueueNames,
  archives: readonly (ArchiveAddress & { receivedAt: Date })[],
): Promise<readonly JobRecord[]> {
  if (archives.length === 0) return []
  const times = archives.map(({ receivedAt }) => receivedAt.getTime() / 1000)
  await useIndexes(tx, true)
  const near = await tx.execute<JobRecord>(sql`
    ${jobsOf(archives)}
    WHERE ${isOneOf(queues.digest)} AND job.state < 'active' AND NOT job.blocked
      AND job.created_on BETWEEN to_timestamp(${Math.min(...times) - BEFORE_SECONDS}::float8)
        AND to_timestamp(${Math.max(...times) + AFTER_SECONDS}::float8)`)
  const found = new Set(near.map(addressOf))
  const missing = archives.filter((one) => !found.has(archiveAddress(one)))
  if (missing.length === 0) return near
  await useIndexes(tx, false)
  const all = await tx.execute<JobRecord>(sql`
    ${jobsOf(missing)}
    WHERE ${isOneOf([...queues.digest, queues.dead])} AND job.state <= 'active'`)
  await useIndexes(tx, true)
  return [...near, ...all]
}

/** What waits is found by index, whatever the planner believes of a table that was empty a minute ago. */
async function useIndexes(tx: Tx, alone: boolean): Promise<void> {
  const others = alone ? 'off' : 'on'
  await tx.execute(sql`
    SELECT set_config('enable_seqscan', ${others}, true), set_config('enable_bitmapscan', ${others}, true)`)
}

interface JobRecord extends Record<string, unknown> {
  project_id: ProjectId
  day: string
  hash: string
  id: string
  queue: string
  is_active: boolean
  priority: number
  /** As the database writes it, to the microsecond. */
  created_on: string
  created_ms: number
  not_before_ms: number
  started_ms: number | null
  retry_count: number
  source_retry_count: number | null
  reason: string
}

function jobsOf(archives: readonly ArchiveAddress[]) {
  const wanted = archives.map(({ projectId, day, hash }) => ({ project_id: projectId, day, hash: `\\x${hash}` }))
  return sql`
    SELECT r.project_id, to_char(r.day, 'YYYY-MM-DD') AS day, encode(r.hash, 'hex') AS hash, job.id, job.name AS queue,
      job.state = 'active' AS is_active, job.priority, job.created_on::text AS created_on,
      extract(epoch FROM job.created_on)::float8 * 1000 AS created_ms,
      extract(epoch FROM job.start_after)::float8 * 1000 AS not_before_ms,
      extract(epoch FROM job.started_on)::float8 * 1000 AS started_ms, job.retry_count, job.source_retry_count,
      coalesce(job.source_output->>'reason', job.source_output #>> '{value,message}', 'no reason was left') AS reason
    FROM pgboss.job AS job
    JOIN ${recordset(archive, ['project_id', 'day', 'hash'], wanted)}
      ON encode(r.hash, 'hex') = job.data->>'hash' AND r.project_id::text = job.data->>'project_id'
        AND to_char(r.day, 'YYYY-MM-DD') = job.data->>'day'`
}

function isOneOf(queues: readonly string[]) {
  return sql`job.name IN (${sql.join(
    queues.map((queue) => sql`${queue}`),
    sql`, `,
  )})`
}

function addressOf({ project_id, day, hash }: JobRecord): string {
  return archiveAddress({ projectId: project_id, day, hash })
}

async function stateOf(tx: Tx, queues: QueueNames, job: JobRecord): Promise<JobState> {
  const { id, queue, retry_count, reason } = job
  if (queue === queues.dead) {
    const tries = (job.source_retry_count ?? 0) + 1
    return { state: 'dead', id, tries, since: new Date(job.created_ms), reason }
  }
  if (job.is_active) {
    return { state: 'digesting', queue, tries: retry_count + 1, since: new Date(job.started_ms ?? job.created_ms) }
  }
  const ahead = await countAhead(tx, job)
  // A job that never began has no try behind it; one that lapsed or failed has one more than was counted.
  const tries = job.started_ms === null ? retry_count : retry_count + 1
  return {
    state: 'waiting',
    queue,
    tries,
    notBefore: new Date(job.not_before_ms),
    ahead: Math.min(ahead, AHEAD_MAX),
    isMore: ahead > AHEAD_MAX,
  }
}

/** Jobs of its queue that workers take first: by pg-boss's index of what waits, in its order. */
async function countAhead(tx: Tx, { queue, priority, created_on }: JobRecord): Promise<number> {
  const waiting = sql`name = ${queue} AND state < 'active' AND NOT blocked`
  const [row] = await tx.execute<{ ahead: number }>(sql`
    SELECT count(*)::int AS ahead FROM (
      (SELECT FROM pgboss.job WHERE ${waiting} AND priority > ${priority} LIMIT ${AHEAD_MAX + 1})
      UNION ALL
      (
        SELECT FROM pgboss.job WHERE ${waiting} AND priority = ${priority} AND created_on < ${created_on}::timestamptz
        LIMIT ${AHEAD_MAX + 1}
      )
    ) AS counted`)
  return row?.ahead ?? 0
}
