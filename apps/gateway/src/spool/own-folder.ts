import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { takeProcessLock } from '@rumen/telemetry/process-lock'

/**
 * Who owns what in SPOOL_DIR. Each process has a folder `gateway-<random>` and holds the kernel's lock on the file
 * `gateway-<random>.lock` beside it, which ends with the process however it dies and outlasts any suspension.
 *
 * Three rules keep two living processes from ever holding one folder:
 * - a name is random and made once: a folder that is gone never comes back;
 * - its folder is made before its lock is taken, and looked for once more afterwards;
 * - the lock's file is unlinked by whoever holds it, and only after the folder is gone.
 * So while a folder exists its lock has one file, and whoever holds a lock on a file unlinked before finds no folder.
 */
const FOLDER = /^gateway-[0-9a-f]{16}$/
const LOCK_SUFFIX = '.lock'

const ATTEMPTS_MAX = 5

/** A folder and its lock, held by this process. */
export interface OwnFolder {
  readonly path: string
  /** Gives the lock up; removes the folder when there is nothing in it. Resolves with whether it was removed. */
  release(): Promise<boolean>
}

/** Makes a folder of this process's own. Throws what the file system says. */
export async function makeOwnFolder(spoolDir: string): Promise<OwnFolder> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const name = `gateway-${randomBytes(8).toString('hex')}`
    await mkdir(join(spoolDir, name), { mode: 0o700 })
    // A claimer that looks between the two lines takes the folder for a dead one's: the next name, then.
    const folder = await takeFolder(spoolDir, name)
    if (folder) return folder
  }
  throw new Error('other gateways claim every folder that is made')
}

/** Takes over a folder whose owner is dead; null while the owner lives, and when the folder is gone. */
export async function takeFolder(spoolDir: string, name: string): Promise<OwnFolder | null> {
  const path = join(spoolDir, name)
  const lockPath = `${path}${LOCK_SUFFIX}`
  const unlock = takeProcessLock(lockPath)
  if (!unlock) return null
  try {
    // By path: closing a second descriptor of the file would give the kernel's lock up.
    await chmod(lockPath, 0o600).catch(unlessGone)
    if (await stat(path).catch(unlessGone)) return { path, release: () => release(path, lockPath, unlock) }
    await rm(lockPath, { force: true })
  } catch (error) {
    unlock()
    throw error
  }
  unlock()
  return null
}

/** The names of all folders there are, of the living and the dead, those of which only the lock is left included. */
export async function listFolders(spoolDir: string): Promise<readonly string[]> {
  const names = (await readdir(spoolDir)).map((name) => name.replace(/\.lock$/, ''))
  return [...new Set(names)].filter((name) => FOLDER.test(name))
}

async function release(path: string, lockPath: string, unlock: () => void): Promise<boolean> {
  try {
    await rmdir(path).catch(unlessGone)
    await rm(lockPath, { force: true })
    return true
  } catch (error) {
    if (isNotEmpty(error)) return false
    throw error
  } finally {
    unlock()
  }
}

/** Whatever else keeps a folder from being looked at does not make it gone. */
function unlessGone(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null
  throw error
}

function isNotEmpty(error: unknown): boolean {
  return codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST'
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : null
}
