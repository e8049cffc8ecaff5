import type { ProjectId } from '@rumen/protocol/brand'

export interface Analyst {
  /** Small letters, digits and underscores: `isAnalystName`. */
  name: string
  projectIds: readonly ProjectId[]
}

/** Those of PostgreSQL begin with `pg_`; the others would say something else in its grammar, or are Rumen's. */
const TAKEN = /^(pg_.*|public|none|session_user|current_user|current_role|postgres|metabase_readonly)$/

/** Whether a role may be called that, quoted or not. */
export function isAnalystName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,62}$/.test(name) && !TAKEN.test(name)
}

/** What makes a role without a password that is shown these projects, in SQL for any login that may make roles. */
export function creatingStatements({ name, projectIds }: Analyst): readonly string[] {
  const rows = projectIds.map((id) => `(${id}, ${literal(name)})`).join(', ')
  const role = identifier(name)
  return [
    `CREATE ROLE ${role} LOGIN CONNECTION LIMIT 10`,
    // The same as metabase_readonly: a query that runs on, or a snapshot held open, slows the queue.
    `ALTER ROLE ${role} SET statement_timeout = '30s'`,
    `ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '10s'`,
    `ALTER ROLE ${role} SET default_transaction_read_only = on`,
    `ALTER ROLE ${role} SET search_path = project_analytics`,
    `GRANT USAGE ON SCHEMA project_analytics TO ${role}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA project_analytics TO ${role}`,
    `INSERT INTO public.analyst_project (project_id, role_name) VALUES ${rows}`,
  ]
}

/** What takes it away again. */
export function droppingStatements(name: string): readonly string[] {
  const role = identifier(name)
  return [
    `REVOKE ALL ON ALL TABLES IN SCHEMA project_analytics FROM ${role}`,
    `REVOKE ALL ON SCHEMA project_analytics FROM ${role}`,
    `DELETE FROM public.analyst_project WHERE role_name = ${literal(name)}`,
    `DROP ROLE ${role}`,
  ]
}

/** Roles that others made are called as they like. */
function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
