import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { and, asc, eq, isNull, not } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { project, project_key } from '../tables/project.ts'
import { projectIdOf } from './create-project.ts'

export interface ListedProject {
  id: ProjectId
  slug: string
  name: string
  /** Oldest first; revoked ones are left out. */
  publicKeys: readonly PublicKey[]
  /** Null: it is not being deleted. */
  deletingSince: Date | null
}

/** Every project with its usable keys, in the order they were created; not Rumen's own. */
export async function listProjects(db: Db): Promise<readonly ListedProject[]> {
  const rows = await db
    .select({
      ...{ id: project.id, slug: project.slug, name: project.name, publicKey: project_key.public_key },
      deletingSince: project.deleting_since,
    })
    .from(project)
    .leftJoin(project_key, and(eq(project_key.project_id, project.id), isNull(project_key.revoked_at)))
    .where(not(project.is_hidden))
    .orderBy(asc(project.id), asc(project_key.created_at))
  const projects = new Map<number, ListedProject & { publicKeys: PublicKey[] }>()
  for (const { publicKey, id, ...rest } of rows) {
    const listed = projects.get(id) ?? { ...rest, id: projectIdOf(id), publicKeys: [] }
    // Keys get into the table through createProject alone, already checked.
    if (publicKey !== null) listed.publicKeys.push(publicKey as PublicKey)
    projects.set(id, listed)
  }
  return [...projects.values()]
}
