import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'

/**
 * The tables that hold rows of projects, as the database itself has them, each partition by its own name: one that a
 * migration adds is not forgotten. Those that lead to `project` by a foreign key go with its row.
 */
export async function tablesOfProjects(db: Db): Promise<readonly string[]> {
  const rows = await db.execute<{ name: string }>(sql`
    SELECT leaf.relname AS name
    FROM pg_attribute AS a
    JOIN pg_class AS leaf ON leaf.oid = a.attrelid
    LEFT JOIN pg_inherits ON pg_inherits.inhrelid = leaf.oid
    WHERE leaf.relnamespace = 'public'::regnamespace AND leaf.relkind = 'r'
      AND a.attname = 'project_id' AND NOT a.attisdropped
      AND NOT EXISTS (
        SELECT FROM pg_constraint AS c
        WHERE c.conrelid = leaf.oid AND c.contype = 'f' AND c.confrelid = 'project'::regclass
      )
    ORDER BY coalesce(pg_inherits.inhparent::regclass::text, leaf.relname), leaf.relname`)
  return rows.map(({ name }) => name)
}

/** How many rows a project has in all tables, jobs included. */
export async function countRows(db: Db, projectId: ProjectId): Promise<number> {
  const tables = await tablesOfProjects(db)
  const counts = tables.map((name) => {
    return sql`SELECT count(*) AS n FROM ${sql.identifier(name)} WHERE project_id = ${projectId}::bigint`
  })
  const jobs = sql`SELECT count(*) AS n FROM pgboss.job WHERE data->>'project_id' = ${projectId}::text`
  const [row] = await db.execute<{ rows: number }>(sql`
    SELECT sum(n)::float8 AS rows FROM (${sql.join([...counts, jobs], sql` UNION ALL `)}) AS counted`)
  return row?.rows ?? 0
}
