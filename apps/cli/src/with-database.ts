import type { Settings } from '@rumen/config/read-settings'
import { connect, type Db } from '@rumen/db/connect'
import { prepare } from './migrate/migrate.ts'
import { type OpenDatabase, openDatabase } from './open-database.ts'

/** Opens the migrated database for one command, and closes all of it again however the command ends. */
export async function withDatabase<Result>(
  settings: Settings,
  use: (db: Db, database: OpenDatabase) => Promise<Result>,
  { poolSize } = { poolSize: 1 },
): Promise<Result> {
  const database = await openDatabase(settings, console.error)
  try {
    await prepare(database)
    const connection = connect(database.url, { poolSize, name: 'rumen' })
    try {
      return await use(connection.db, database)
    } finally {
      await connection.close()
    }
  } finally {
    await database.close()
  }
}
