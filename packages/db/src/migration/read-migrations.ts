import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'

/** One file of the folder of migrations. */
export interface Migration {
  /** From 0, as its name begins. */
  number: number
  /** `0007_operation` */
  name: string
  /** When it was written, in milliseconds: what a database remembers of it. */
  writtenAt: number
  statements: readonly string[]
}

/** What this version brings along, oldest first. Throws where the folder and its journal do not fit each other. */
export function readMigrations(folder: string): readonly Migration[] {
  const journal: { entries: { idx: number; tag: string }[] } = JSON.parse(
    readFileSync(join(folder, 'meta/_journal.json'), 'utf8'),
  )
  const files = readMigrationFiles({ migrationsFolder: folder })
  return journal.entries.map(({ idx, tag }, at) => {
    const file = files[at]
    if (file === undefined) throw new Error(`there is no file of migration ${tag}`)
    return { number: idx, name: tag, writtenAt: file.folderMillis, statements: file.sql }
  })
}
