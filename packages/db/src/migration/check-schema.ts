import postgres from 'postgres'
import { type CheckedMigration, checkMigrations } from './check-migrations.ts'
import { MIGRATIONS_FOLDER } from './migrations-folder.ts'
import { readMigrations } from './read-migrations.ts'
import { pendingOf, readSchemaState, refuseNewerSchema } from './schema-state.ts'

/** What a start of this version would do to a database. */
export interface SchemaCheck {
  /** Name of the newest migration this version knows. */
  known: string | null
  /** Name of the newest one the database has had, as far as this version knows it; null: none. */
  current: string | null
  /** The database has had newer ones, which only added to it: this version runs on it. */
  isNewer: boolean
  pending: readonly CheckedMigration[]
}

/** Looks at a database and changes nothing. Throws `SchemaTooNewError` where this version must not run on it. */
export async function checkSchema(url: string): Promise<SchemaCheck> {
  const sql = postgres(url, { max: 1, connection: { application_name: 'rumen migrate' } })
  try {
    const migrations = readMigrations(MIGRATIONS_FOLDER)
    const state = await readSchemaState(sql)
    refuseNewerSchema(state, migrations)
    const pending = pendingOf(state, migrations)
    const newest = migrations.at(-1)
    return {
      known: newest?.name ?? null,
      current: migrations.filter((one) => !pending.includes(one)).at(-1)?.name ?? null,
      isNewer: state.newestAt !== null && newest !== undefined && state.newestAt > newest.writtenAt,
      pending: await checkMigrations(sql, pending),
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}
