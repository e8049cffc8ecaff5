import type { ProjectId } from '@rumen/protocol/brand'
import type { Sql } from 'postgres'
import { tryProjectLock } from '../rumination/hold-projects.ts'

/**
 * Runs `erase` unless somebody else erases in the project just now, or ruminates it, and would write again what he read
 * before: null then. The lock is a session's, which goes with the
 * process; no transaction stays open. The session must reach PostgreSQL itself.
 */
export async function whileErasing<Result>(
  sql: Sql,
  projectId: ProjectId,
  erase: () => Promise<Result>,
): Promise<Result | null> {
  const session = await sql.reserve()
  const name = `rumen erasure ${projectId}`
  try {
    const [lock] = await session<[{ held: boolean }]>`SELECT pg_try_advisory_lock(hashtextextended(${name}, 0)) AS held`
    if (!lock.held) return null
    const [project] = await tryProjectLock(session, projectId)
    return project.is_held ? await erase() : null
  } finally {
    await session`SELECT pg_advisory_unlock_all()`
    session.release()
  }
}
