import { requireDatabaseUrl, type Settings } from '@rumen/config/read-settings'
import { createDatabase } from '@rumen/embedded/create-database'
import { joinPostgres } from '@rumen/embedded/join-postgres'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { STATE_FOLDER } from './paths.ts'

export interface OpenDatabase {
  url: string
  /** For what a transaction pooler cannot carry. */
  directUrl: string
  /** Stops the embedded server if this process started it. */
  close(): Promise<void>
}

const DATA_FOLDER = `${STATE_FOLDER}/postgres`
const DATABASE = 'rumen'

/**
 * The database of the settings; without one the embedded PostgreSQL, which is joined where `rumen serve` runs it
 * already and started for as long as this process needs it otherwise.
 */
export async function openDatabase(settings: Settings, onProgress: (line: string) => void): Promise<OpenDatabase> {
  if (settings.DATABASE_URL !== undefined) {
    const url = requireDatabaseUrl(settings)
    return { url, directUrl: settings.DATABASE_DIRECT_URL ?? url, close: async () => undefined }
  }
  const joined = await joinPostgres({ dataDir: DATA_FOLDER })
  if (joined) return await openEmbedded(joined.url, async () => undefined)
  const server = await startPostgres({ dataDir: DATA_FOLDER, onProgress })
  return await openEmbedded(server.url, server.stop)
}

async function openEmbedded(adminUrl: string, close: () => Promise<void>): Promise<OpenDatabase> {
  await createDatabase(adminUrl, DATABASE)
  const url = new URL(adminUrl)
  url.pathname = `/${DATABASE}`
  return { url: url.href, directUrl: url.href, close }
}
