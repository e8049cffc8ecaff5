import { setTimeout as delay } from 'node:timers/promises'
import { requireDatabaseUrl, type Settings } from '@rumen/config/read-settings'
import { createDatabase } from '@rumen/embedded/create-database'
import { EmbeddedError } from '@rumen/embedded/embedded-error'
import { joinPostgres } from '@rumen/embedded/join-postgres'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { CommandError } from './command-error.ts'
import { IS_BUNDLE, STATE_FOLDER } from './paths.ts'

export interface OpenDatabase {
  url: string
  /** For what a transaction pooler cannot carry. */
  directUrl: string
  /** Stops the embedded server if this process started it. */
  close(): Promise<void>
}

const DATA_FOLDER = `${STATE_FOLDER}/postgres`
const DATABASE = 'rumen'

const IN_USE_MS_MAX = 5_000
const IN_USE_POLL_MS = 200

/**
 * The database of the settings; without one the embedded PostgreSQL, which is joined where a process of ours runs it
 * already and started for as long as this process needs it otherwise.
 */
export async function openDatabase(settings: Settings, onProgress: (line: string) => void): Promise<OpenDatabase> {
  return (
    openConfigured(settings) ??
    (await whileInUse(async () => (await joinEmbedded()) ?? (await startEmbedded(onProgress))))
  )
}

/**
 * The same for `rumen serve`, which never joins: what it joined could end before it does. It waits for a command that
 * is about to end; another `rumen serve` in this checkout is an error that names its process.
 */
export async function ownDatabase(settings: Settings, onProgress: (line: string) => void): Promise<OpenDatabase> {
  return openConfigured(settings) ?? (await whileInUse(() => startEmbedded(onProgress)))
}

/** The same for a command that only looks: nothing is started for it. Null: there is no database here. */
export async function joinDatabase(settings: Settings): Promise<OpenDatabase | null> {
  return openConfigured(settings) ?? (await joinEmbedded())
}

function openConfigured(settings: Settings): OpenDatabase | null {
  if (settings.DATABASE_URL === undefined) {
    if (IS_BUNDLE) throw new CommandError('DATABASE_URL is not set, and an image brings no PostgreSQL of its own')
    return null
  }
  const url = requireDatabaseUrl(settings)
  return { url, directUrl: settings.DATABASE_DIRECT_URL ?? url, close: async () => undefined }
}

async function joinEmbedded(): Promise<OpenDatabase | null> {
  const joined = await joinPostgres({ dataDir: DATA_FOLDER })
  return joined && (await openEmbedded(joined.url, async () => undefined))
}

async function startEmbedded(onProgress: (line: string) => void): Promise<OpenDatabase> {
  const server = await startPostgres({ dataDir: DATA_FOLDER, onProgress })
  return await openEmbedded(server.url, server.stop)
}

/** Tries again while another process has the data, as long as a short command may take. */
async function whileInUse(open: () => Promise<OpenDatabase>): Promise<OpenDatabase> {
  const deadline = Date.now() + IN_USE_MS_MAX
  for (;;) {
    try {
      return await open()
    } catch (error) {
      const inUse = error instanceof EmbeddedError && error.code === 'IN_USE'
      if (!inUse || Date.now() > deadline) throw error
      await delay(IN_USE_POLL_MS)
    }
  }
}

async function openEmbedded(adminUrl: string, close: () => Promise<void>): Promise<OpenDatabase> {
  try {
    await createDatabase(adminUrl, DATABASE)
  } catch (error) {
    await close()
    throw error
  }
  const url = new URL(adminUrl)
  url.pathname = `/${DATABASE}`
  return { url: url.href, directUrl: url.href, close }
}
