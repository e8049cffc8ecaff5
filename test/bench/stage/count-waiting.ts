import type { Sql } from 'postgres'

/** Events that are not digested yet. */
export async function countWaiting(sql: Sql): Promise<number> {
  const [row] = await sql<{ waiting: number }[]>`
    SELECT count(*)::int AS waiting FROM pgboss.job WHERE name IN ('digest', 'digest-excess')`
  return row?.waiting ?? 0
}
