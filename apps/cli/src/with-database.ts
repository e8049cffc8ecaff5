import type { Settings } from '@rumen/config/read-settings'
import { connect, type Db } from '@rumen/db/connect'
import { prepare } from './migrate/migrate.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'

/** Of a command that reads or changes a whole project: what takes seconds in most takes minutes in the largest. */
export const LONG_STATEMENT_MS = 15 * 60 * 1000

/** Opens the migrated database for one command, and closes all of it again however the command ends. */
export async function withDatabase<Result>(
  settings: Settings,
  use: (db: Db, database: OpenDatabase) => Promise<Result>,
  { poolSize = 1, statementTimeoutMs }: { poolSize?: number; statementTimeoutMs?: number } = {},
): Promise<Result> {
  const database = await openDatabase(settings, console.error)
  try {
    await prepare(database)
    const connection = connect(database.url, {
      poolSize,
      name: 'rumen',
      ...(statementTimeoutMs !== undefined && { statementTimeoutMs }),
    })
    try {
      return await use(connection.db, database)
    } finally {
      await connection.close()
    }
  } finally {
    await database.close()
  }
}
