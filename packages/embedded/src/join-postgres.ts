import { setTimeout as delay } from 'node:timers/promises'
import { dataFolder } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'
import { findOwner } from './ownership.ts'
import { readPassword, serverUrl } from './server-url.ts'

const POLL_MS = 50
const STARTING_MS_MAX = 60_000

/**
 * The URL of the server that a living process runs on a data folder, or null when none does: for a second command beside `npm start`.
 * Waits for one that is just starting. Throws `EmbeddedError` DATA_UNUSABLE, or START_FAILED after a minute.
 */
export async function joinPostgres({ dataDir }: { dataDir: string }): Promise<{ url: string } | null> {
  const folder = dataFolder(dataDir)
  const deadline = Date.now() + STARTING_MS_MAX
  for (;;) {
    const owner = await findOwner(folder)
    if (!owner) return null
    if (owner.port) return { url: serverUrl(await readPassword(folder), owner.port) }
    if (Date.now() > deadline) {
      throw new EmbeddedError(
        'START_FAILED',
        `The PostgreSQL of process ${owner.pid} in ${dataDir} is not up after a minute.`,
      )
    }
    await delay(POLL_MS)
  }
}
