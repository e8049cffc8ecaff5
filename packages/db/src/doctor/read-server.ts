import type { Sql } from 'postgres'

/** What a server says of itself and of the login Rumen has there. */
export interface ServerFacts {
  /** `server_version_num`: 180004 is 18.4. */
  version: number
  /** By name, as `SHOW` writes them; what this login may not see is left out. */
  settings: Readonly<Record<string, string>>
  /** How far the server's clock is ahead of this machine's, in milliseconds, by half the way there and back. */
  clockAheadMs: number
  connections: { max: number; used: number }
  login: {
    name: string
    isSuperuser: boolean
    canCreateRoles: boolean
    canCreateSchemas: boolean
    canCreateTables: boolean
  }
  /** Null: there is no role metabase_readonly. */
  analyst: { settings: readonly string[]; seesViews: boolean } | null
}

const SETTINGS = [
  'autovacuum',
  'data_directory',
  'fsync',
  'full_page_writes',
  'max_wal_size',
  'shared_buffers',
  'synchronous_commit',
  'track_counts',
] as const

/** Asks for facts alone and changes nothing. */
export async function readServer(sql: Sql): Promise<ServerFacts> {
  // The first statement of a connection is slow, and would be taken for a clock that is wrong.
  await sql`SELECT`
  const asked = Date.now()
  const [clock] = await sql<{ ms: number }[]>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`
  const answered = Date.now()
  const [facts] = await sql<Omit<ServerFacts, 'clockAheadMs'>[]>`
    SELECT current_setting('server_version_num')::int AS version,
      (
        SELECT json_object_agg(name, current_setting(name))
        FROM pg_settings WHERE name = ANY (${[...SETTINGS]})
      ) AS settings,
      json_build_object(
        'max', current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
        'used', (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend')
      ) AS connections,
      json_build_object(
        'name', rolname,
        'isSuperuser', rolsuper,
        'canCreateRoles', rolcreaterole OR rolsuper,
        'canCreateSchemas', has_database_privilege(current_database(), 'CREATE'),
        'canCreateTables', has_schema_privilege('public', 'CREATE')
      ) AS login,
      (
        SELECT json_build_object(
          'settings', coalesce(array_to_json(rolconfig), '[]'),
          'seesViews', coalesce(has_table_privilege(oid, to_regclass('analytics.reports'), 'SELECT'), false)
        )
        FROM pg_roles WHERE rolname = 'metabase_readonly'
      ) AS analyst
    FROM pg_roles WHERE rolname = current_user`
  if (!facts || !clock) throw new Error('the server knows nothing of this login')
  return { ...facts, clockAheadMs: clock.ms - (asked + answered) / 2 }
}
