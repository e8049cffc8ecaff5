import { fileURLToPath } from 'node:url'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as runMigrations } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { createDays } from './partition/create-days.ts'

/** Any constant will do, so long as every Rumen uses the same: "rumen" in ASCII. */
const MIGRATION_LOCK = 0x72_75_6d_65_6e

const MIGRATIONS = fileURLToPath(new URL('../../../drizzle', import.meta.url))

/**
 * Brings the schema up to date and makes the partitions of the coming days. Any number of processes may call it at
 * once: one works, the others wait. `url` must reach PostgreSQL itself, not a transaction pooler (advisory lock).
 * `onWarning` gets what the server had to say that an operator should read.
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
    await runMigrations(drizzle(sql), { migrationsFolder: MIGRATIONS })
    await createDays(sql, new Date())
  } finally {
    await sql.end({ timeout: 5 })
  }
}
