import { type SQL, sql } from 'drizzle-orm'

/**
 * Whether a row of a table with days is shown: what a `project` keeps less long than all others is hidden from midnight UTC
 * on, and deleted a little later.
 */
export function isShown(table: string): SQL {
  return sql`(
    project.retention_days IS NULL OR ${sql.identifier(table)}.day > (now() AT TIME ZONE 'UTC')::date - project.retention_days
  )`
}
