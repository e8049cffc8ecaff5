import { randomBytes } from 'node:crypto'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import type { Db, Tx } from '../connect.ts'
import { grouping_config, project, project_counter, project_key } from '../tables/project.ts'
import { slugOf } from './slug.ts'

export interface NewProject {
  id: ProjectId
  slug: string
  name: string
  publicKey: PublicKey
}

/** Creates a project with one DSN key, random unless given, and the first version of the rules that group its events. */
export async function createProject(
  db: Pick<Db, 'transaction'>,
  { name, publicKey = randomPublicKey() }: { name: string; publicKey?: PublicKey },
): Promise<NewProject> {
  return await db.transaction(async (tx) => {
    const { id, slug } = await insertWithFreeSlug(tx, name)
    await tx.insert(project_counter).values({ project_id: id })
    await tx.insert(grouping_config).values({ project_id: id, version: 1 })
    await tx.insert(project_key).values({ project_id: id, public_key: publicKey })
    return { id: projectIdOf(id), slug, name, publicKey }
  })
}

async function insertWithFreeSlug(tx: Tx, name: string): Promise<{ id: number; slug: string }> {
  const base = slugOf(name)
  for (let n = 1; ; n++) {
    const slug = n === 1 ? base : `${base}-${n}`
    const [row] = await tx.insert(project).values({ name, slug }).onConflictDoNothing().returning({ id: project.id })
    if (row) return { id: row.id, slug }
  }
}

export function randomPublicKey(): PublicKey {
  // 16 random bytes in hexadecimal are what the brand promises.
  return randomBytes(16).toString('hex') as PublicKey
}

/** An identity read from the database is an unsigned decimal: that is all the brand promises. */
export function projectIdOf(id: number): ProjectId {
  return String(id) as ProjectId
}
