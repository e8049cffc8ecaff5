import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { createDatabase } from './create-database.ts'

export interface DatabaseClone {
  url: string
  /** Removes it, whoever is still connected. */
  drop(): Promise<void>
}

/**
 * A new database with the content of `template` and a name of its own. Nobody may be connected to the template meanwhile:
 * PostgreSQL waits five seconds for them to leave, then refuses.
 */
export async function cloneDatabase({
  adminUrl,
  template,
}: {
  adminUrl: string
  template: string
}): Promise<DatabaseClone> {
  const name = `${template}_${randomBytes(6).toString('hex')}`
  await createDatabase(adminUrl, name, { template })
  const url = new URL(adminUrl)
  url.pathname = name
  const drop = async () => {
    const sql = postgres(adminUrl, { max: 1, onnotice: () => {} })
    await sql`drop database if exists ${sql(name)} with (force)`.finally(() => sql.end())
  }
  return { url: url.href, drop }
}
