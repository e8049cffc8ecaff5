import { type Connection, connect } from '@rumen/db/connect'
import { DIMENSIONS } from '@rumen/db/dimension/dimensions'
import { resolveValues } from '@rumen/db/dimension/resolve-values'
import { createDay } from '@rumen/db/partition/create-days'
import { addDays, dayOf } from '@rumen/db/partition/day'
import { createProject } from '@rumen/db/project/create-project'
import { createSessionDays } from '@rumen/db/session/session-days'
import { type SessionBatch, writeSessions } from '@rumen/db/session/write-sessions'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import type { SessionUpdate } from '@rumen/protocol/read-session'
import type { SessionSums } from '@rumen/protocol/read-sessions'
import type { Sql } from 'postgres'

export const WORKERS = 3

/** A database with one project and yesterday's partitions, and workers on it. */
export interface Place {
  database: DatabaseClone
  workers: readonly Connection[]
  sql: Sql
  projectId: ProjectId
  /** Of releases and environments by their texts. */
  ids: ReadonlyMap<string, number>
}

/** Names, releases being those with an @, are made in the given order, so that two places give them different ids. */
export async function openPlace(names: readonly string[]): Promise<Place> {
  const database = await testDatabase()
  const workers = Array.from({ length: WORKERS }, () => connect(database.url, { poolSize: 2, name: 'test' }))
  const [first] = workers
  if (!first) throw new Error('no worker')
  const { id: projectId } = await createProject(first.db, { name: 'Shop' })
  const ids = new Map<string, number>()
  for (const name of names) {
    const dimension = DIMENSIONS.get(name.includes('@') ? 'release' : 'environment')
    if (!dimension) throw new Error('no dimension')
    const [id] = await resolveValues(first.db, dimension, [{ projectId, values: [name] }])
    ids.set(name, Number(id))
  }
  await createDay(first.sql, addDays(dayOf(new Date()), -1))
  return { database, workers, sql: first.sql, projectId, ids }
}

export async function closePlace({ workers, database }: Place): Promise<void> {
  await Promise.all(workers.map(({ close }) => close()))
  await database.drop()
}

/** One transaction of one worker. */
export async function write(
  place: Place,
  { updates = [], sums = [] }: { updates?: readonly SessionUpdate[]; sums?: readonly SessionSums[] },
  at = 0,
): Promise<void> {
  const worker = place.workers[at]
  if (!worker) throw new Error('no such worker')
  const batch: SessionBatch = {
    updates: updates.map((update) => ({ ...named(place, update), update })),
    sums: sums.map((one) => ({ ...named(place, one), sums: one })),
    days: await createSessionDays(worker.db)(),
  }
  await worker.db.transaction((tx) => writeSessions(tx, batch))
}

function named({ projectId, ids }: Place, said: { release: string; environment: string | null }) {
  const idOf = (name: string) => ids.get(name) ?? 0
  return {
    projectId,
    releaseId: idOf(said.release),
    environmentId: said.environment === null ? 0 : idOf(said.environment),
  }
}

/** Sessions with names in the place of ids, so that two databases can be compared. */
export async function readSessions({ sql }: Place) {
  return await sql`
    SELECT session.sid, session.started_at, session.status, session.status_seq::int, session.duration,
      session.abnormal_mechanism, session.errors, dim_release.value AS release, session.release_seq::int,
      dim_environment.value AS environment, session.environment_seq::int, session.did, session.did_seq::int
    FROM session
    LEFT JOIN dim_release ON dim_release.id = session.release_id
    LEFT JOIN dim_environment ON dim_environment.id = session.environment_id
    ORDER BY session.sid, session.day`
}

export async function readHours({ sql }: Place) {
  return await sql`
    SELECT extract(epoch FROM hour)::int AS hour, dim_release.value AS release, dim_environment.value AS environment, hours.did,
      sessions::int, errored::int, unhandled::int, abnormal::int, crashed::int
    FROM (
      SELECT *, NULL::uuid AS did FROM session_hour
      UNION ALL
      SELECT project_id, hour, release_id, environment_id, sessions, errored, unhandled, abnormal, crashed, did
      FROM session_user_hour
    ) AS hours
    LEFT JOIN dim_release ON dim_release.id = hours.release_id
    LEFT JOIN dim_environment ON dim_environment.id = hours.environment_id
    ORDER BY hour, release, environment, did`
}

/** What `readHours` must be, counted from the sessions. */
export async function recount({ sql }: Place) {
  return await sql`
    SELECT extract(epoch FROM date_trunc('hour', session.started_at, 'UTC'))::int AS hour, dim_release.value AS release,
      dim_environment.value AS environment, counted.did, count(*)::int AS sessions,
      count(*) FILTER (WHERE errors > 0)::int AS errored, count(*) FILTER (WHERE status = 'unhandled')::int AS unhandled,
      count(*) FILTER (WHERE status = 'abnormal')::int AS abnormal, count(*) FILTER (WHERE status = 'crashed')::int AS crashed
    FROM session
    CROSS JOIN LATERAL (SELECT NULL::uuid AS did UNION ALL SELECT session.did WHERE session.did IS NOT NULL) AS counted
    LEFT JOIN dim_release ON dim_release.id = session.release_id
    LEFT JOIN dim_environment ON dim_environment.id = session.environment_id
    GROUP BY 1, 2, 3, 4
    ORDER BY 1, 2, 3, 4`
}
