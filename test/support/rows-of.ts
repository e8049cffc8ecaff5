import type { Sql } from 'postgres'

/** How many rows a project has by table, as the catalog has those with a `project_id`, and jobs. */
export async function rowsOf({ sql }: { sql: Sql }, { id }: { id: string }): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'project_id'
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`
  const counts: Record<string, number> = {}
  for (const { name } of tables) {
    const [row] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM ${sql(name)} WHERE project_id = ${id}`
    counts[name] = row.n
  }
  const [jobs] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM pgboss.job WHERE data->>'project_id' = ${id}`
  const [project] = await sql<[{ n: number }]>`SELECT count(*)::int AS n FROM project WHERE id = ${id}`
  return { ...counts, jobs: jobs.n, project: project.n }
}
