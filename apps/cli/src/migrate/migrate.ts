import type { Settings } from '@rumen/config/read-settings'
import { migrate } from '@rumen/db/migrate'
import { checkSchema } from '@rumen/db/migration/check-schema'
import { installQueues } from '@rumen/queue/install-queues'
import { CommandError } from '../command-error.ts'
import { type OpenDatabase, openDatabase } from '../open-database.ts'
import { readOptions } from '../read-options.ts'
import { checkInWords } from './check.ts'

/** `rumen migrate [--check [--json]]` */
export async function migrateDatabase(rest: readonly string[], settings: Settings): Promise<void> {
  const { check = false, json = false } = readOptions(rest, { check: { type: 'boolean' }, json: { type: 'boolean' } })
  if (json && !check) throw new CommandError('--json goes with --check')
  const database = await openDatabase(settings, console.error)
  try {
    if (check) {
      const found = await checkSchema(database.directUrl)
      console.log(json ? JSON.stringify(found) : checkInWords(found))
      return
    }
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
