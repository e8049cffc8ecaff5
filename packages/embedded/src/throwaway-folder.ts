import { mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { freemem, tmpdir } from 'node:os'
import { join } from 'node:path'
import { dataFolder } from './data-folder.ts'
import { findOwner } from './ownership.ts'

const PREFIX = 'rumen-test-'
const MEMORY = '/dev/shm'
const MEMORY_BYTES_MIN = 4 * 1024 ** 3
/** Younger ones may belong to a run that has not come to its lock yet. */
const ABANDONED_AFTER_MS = 10 * 60 * 1000

/**
 * A new folder for a server whose data nobody will miss; the caller removes it. In memory where there is plenty: on a busy disk
 * a clone was measured at 1,000 ms instead of 60, without any fsync.
 */
export async function makeThrowawayFolder(purpose = ''): Promise<string> {
  const base = (await hasMemory()) ? MEMORY : tmpdir()
  return await mkdtemp(join(base, PREFIX + purpose))
}

/** Removes the folders of runs that were killed before they could; their servers left with them. */
export async function removeAbandonedFolders(): Promise<void> {
  for (const base of [MEMORY, tmpdir()]) {
    const names = await readdir(base).catch(() => [])
    for (const name of names.filter((one) => one.startsWith(PREFIX))) {
      const folder = join(base, name)
      const age = Date.now() - ((await stat(folder).catch(() => null))?.mtimeMs ?? Date.now())
      if (age < ABANDONED_AFTER_MS || (await findOwner(dataFolder(folder)))) continue
      // It may be another user's, who cleans up himself.
      await rm(folder, { recursive: true, force: true }).catch(() => {})
    }
  }
}

/** Containers often give it 64 MB. */
async function hasMemory(): Promise<boolean> {
  const space = await statfs(MEMORY).catch(() => null)
  return space !== null && space.bavail * space.bsize >= MEMORY_BYTES_MIN && freemem() >= MEMORY_BYTES_MIN
}
