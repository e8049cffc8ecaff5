import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { createProject, projectIdOf } from '../project/create-project.ts'

export interface CanaryProject {
  id: ProjectId
  publicKey: PublicKey
}

const NAME = 'Rumen canary'

/**
 * Rumen's own project, which nobody is shown, with a key of it; made when there is none. Any number of processes may ask at
 * once: there is one such project. It has no quotas, and no rate limit that a setting could give it.
 */
export async function findCanaryProject(db: Db): Promise<CanaryProject> {
  return (await find(db)) ?? (await db.transaction(makeAlone))
}

async function find(db: Db | Tx): Promise<CanaryProject | null> {
  const [row] = await db.execute<{ id: number; public_key: PublicKey }>(sql`
    SELECT project.id::int AS id, project_key.public_key
    FROM project
    JOIN project_key ON project_key.project_id = project.id AND project_key.revoked_at IS NULL
    WHERE project.is_hidden AND project.status = 'active'
    ORDER BY project.id, project_key.created_at
    LIMIT 1`)
  return row ? { id: projectIdOf(row.id), publicKey: row.public_key } : null
}

/** One whose keys are all revoked, or that is being deleted, is of no use any more: there will be another. */
async function makeAlone(tx: Tx): Promise<CanaryProject> {
  await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('rumen canary'))`)
  const found = await find(tx)
  if (found) return found
  const { id, publicKey } = await createProject(tx, { name: NAME })
  // 0 is no limit, whatever RATE_LIMIT_PER_PROJECT_PER_SEC and RATE_LIMIT_PER_KEY_PER_SEC say.
  await tx.execute(sql`UPDATE project SET is_hidden = true, rate_limit_per_sec = 0 WHERE id = ${id}`)
  await tx.execute(sql`UPDATE project_key SET rate_limit_per_sec = 0 WHERE project_id = ${id}`)
  return { id, publicKey }
}
