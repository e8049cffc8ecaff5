import { sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'

export interface ListedAnalyst {
  name: string
  /** By id; none is left where they were all deleted. */
  projects: readonly { id: number; slug: string }[]
}

/** The roles that may use schema `project_analytics`, whoever made them, by name, and what each is shown. */
export async function listAnalysts(db: Db | Tx): Promise<readonly ListedAnalyst[]> {
  return await db.execute<ListedAnalyst & Record<string, unknown>>(sql`
    SELECT pg_roles.rolname AS name, coalesce(shown.projects, '[]') AS projects
    FROM pg_namespace
    CROSS JOIN aclexplode(nspacl) AS granted
    JOIN pg_roles ON pg_roles.oid = granted.grantee AND pg_roles.oid <> nspowner
    LEFT JOIN LATERAL (
      SELECT json_agg(json_build_object('id', project.id, 'slug', project.slug) ORDER BY project.id) AS projects
      FROM analyst_project
      JOIN project ON project.id = analyst_project.project_id AND project.status = 'active'
      WHERE analyst_project.role_name = pg_roles.rolname
    ) AS shown ON true
    WHERE nspname = 'project_analytics' AND granted.privilege_type = 'USAGE'
    ORDER BY pg_roles.rolname`)
}
