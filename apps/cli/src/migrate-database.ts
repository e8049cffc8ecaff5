import type { Settings } from '@rumen/config/read-settings'
import { migrate } from '@rumen/db/migrate'
import { installQueues } from '@rumen/queue/install-queues'
import { type OpenDatabase, openDatabase } from './open-database.ts'
import { readOptions } from './read-options.ts'

/** `rumen migrate` */
export async function migrateDatabase(rest: readonly string[], settings: Settings): Promise<void> {
  readOptions(rest, {})
  const database = await openDatabase(settings, console.error)
  try {
    await prepare(database)
    console.log('The database is up to date.')
  } finally {
    await database.close()
  }
}

/** Tables, queues and the partitions of the coming days. Costs a few milliseconds when they are there. */
export async function prepare({ directUrl }: OpenDatabase): Promise<void> {
  const warn = (warning: string) => console.error(`rumen: ${warning}`)
  await migrate(directUrl, warn)
  await installQueues(directUrl, warn)
}
