import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { MIGRATIONS_FOLDER } from './migration/migrations-folder.ts'
import { readMigrations } from './migration/read-migrations.ts'
import { readSchemaState, refuseNewerSchema } from './migration/schema-state.ts'
import { createDays } from './partition/create-days.ts'
import { retryWhileLocked } from './partition/retry-while-locked.ts'

/** Any constant will do, so long as every Rumen uses the same: "rumen" in ASCII. */
const MIGRATION_LOCK = 0x72_75_6d_65_6e

/**
 * Brings the schema up to date and makes the partitions of the coming days. Any number of processes may call it at
 * once: one works, the others wait. `url` must reach PostgreSQL itself, not a transaction pooler (advisory lock).
 * `onWarning` gets what the server had to say that an operator should read. Throws `SchemaTooNewError` where a newer version
 * has changed the schema so that this one must not run on it.
 *
 * All that is to run runs in one transaction. It never waits long for a lock, because everybody else would wait behind it: it
 * gives up after a second, and begins again.
 */
export async function migrate(url: string, onWarning: (warning: string) => void = () => undefined): Promise<void> {
  const sql = postgres(url, {
    max: 1,
    connection: { application_name: 'rumen migrate' },
    onnotice: (notice) => {
      if (notice.severity === 'WARNING') onWarning(notice.message ?? '')
    },
  })
  try {
    await sql`SELECT pg_advisory_lock(${MIGRATION_LOCK})`
    refuseNewerSchema(await readSchemaState(sql), readMigrations(MIGRATIONS_FOLDER))
    await sql`SET lock_timeout = '1s'`
    await retryWhileLocked(() => runMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS_FOLDER }))
    await createDays(sql, new Date())
  } finally {
    await sql.end({ timeout: 5 })
  }
}
