import type { Sql } from 'postgres'
import type { Migration } from './read-migrations.ts'

/** How a database and the code that looks at it fit together. */
export interface SchemaState {
  /** When the newest migration it has had was written, in milliseconds; null: it has had none. */
  newestAt: number | null
  /** Number of the newest migration that code must know to run on it; 0 for any. */
  floor: number
}

/** A newer version has changed the schema in a way this one would break, or break upon. */
export class SchemaTooNewError extends Error {
  constructor({ floor, known }: { floor: number; known: number }) {
    super(
      `a newer Rumen has changed this database: it needs a version that knows migration ${floor}, and this one knows ${known}. ` +
        'Start the newer version, or restore the backup from before its first start',
    )
    this.name = 'SchemaTooNewError'
  }
}

/** Reads nothing but two small tables of ours, and does without either. */
export async function readSchemaState(sql: Sql): Promise<SchemaState> {
  const [there] = await sql<{ migrations: boolean; floor: boolean }[]>`
    SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS migrations,
      to_regclass('public.schema_floor') IS NOT NULL AS floor`
  const [newest] = there?.migrations
    ? await sql<{ at: string | null }[]>`SELECT max(created_at) AS at FROM drizzle.__drizzle_migrations`
    : []
  const [row] = there?.floor ? await sql<{ migration: number }[]>`SELECT migration FROM public.schema_floor` : []
  return { newestAt: newest?.at ? Number(newest.at) : null, floor: row?.migration ?? 0 }
}

/** Throws `SchemaTooNewError` for a database this version would not understand. A newer one that only added to it is fine. */
export function refuseNewerSchema({ floor }: SchemaState, migrations: readonly Migration[]): void {
  const known = migrations.at(-1)?.number ?? 0
  if (floor > known) throw new SchemaTooNewError({ floor, known })
}

/** What is still to run, oldest first: drizzle's own rule, by the time they were written. */
export function pendingOf({ newestAt }: SchemaState, migrations: readonly Migration[]): readonly Migration[] {
  return migrations.filter(({ writtenAt }) => newestAt === null || writtenAt > newestAt)
}
