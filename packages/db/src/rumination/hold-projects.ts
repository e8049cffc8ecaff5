import type { ReservedSql } from 'postgres'
import { connect } from '../connect.ts'

/** Projects that nobody else ruminates for as long as it is held. */
export interface HeldProjects {
  /** False: somebody else has this one. */
  hold(projectId: string): Promise<boolean>
  /** Throws when the connection that holds them was lost: somebody else may have begun. */
  check(): Promise<void>
  release(): Promise<void>
}

/** Any constant will do, so long as every Rumen uses the same: "rumi" in ASCII. */
const RUMINATION_LOCK = 0x72_75_6d_69

/** The lock of a project, for a session that takes it. */
export function tryProjectLock(session: Pick<ReservedSql, 'unsafe'>, projectId: string) {
  return session.unsafe<[{ is_held: boolean }]>(
    `SELECT pg_try_advisory_lock(${RUMINATION_LOCK}::int, hashint8($1::bigint)) AS is_held`,
    [projectId],
  )
}

/** Holds projects by a connection of its own, which ends with this process. `url` must reach PostgreSQL itself: advisory locks. */
export function holdProjects(url: string): HeldProjects {
  const { sql, close } = connect(url, { poolSize: 1, name: 'rumen ruminate' })
  const held = new Set<string>()
  let session: Promise<ReservedSql> | null = null
  // Reserved: the driver ends any other connection within the hour, and the locks with it.
  const ownSession = () => (session ??= sql.reserve())
  return {
    async hold(projectId) {
      if (held.has(projectId)) return true
      const [row] = await tryProjectLock(await ownSession(), projectId)
      if (row.is_held) held.add(projectId)
      return row.is_held
    },
    async check() {
      const own = await ownSession()
      const [row] = await own<[{ held: number }]>`
        SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid() AND granted`
      if (row.held < held.size)
        throw new Error('the connection to the database was lost: run it again, it goes on where it stopped')
    },
    async release() {
      // A session that was lost cannot be given back, and is gone all the same.
      await session?.then(
        (own) => own.release(),
        () => undefined,
      )
      await close()
    },
  }
}
