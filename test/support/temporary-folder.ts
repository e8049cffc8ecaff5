import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder {
  path: string
  remove(): Promise<void>
}

/** No test runs so long. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000

/** An empty folder that only its owner may enter. Takes away what killed runs have left under the same prefix. */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  for (const name of await readdir(tmpdir())) {
    if (name.startsWith(prefix)) await removeAbandoned(join(tmpdir(), name))
  }
  const path = await mkdtemp(join(tmpdir(), prefix))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

async function removeAbandoned(path: string): Promise<void> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs
    if (age > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true })
  } catch {
    // Somebody else's, or being removed right now.
  }
}
