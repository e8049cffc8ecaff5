import { constants } from 'node:fs'
import { access, mkdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'

/** What lies where in the folder given as `dataDir`; all of it belongs to this package. */
export interface DataFolder {
  root: string
  /** PostgreSQL's own data directory. It exists only when initdb has finished. */
  cluster: string
  /** The superuser's password, readable by the server's user alone. */
  password: string
  /** Locked by the process that owns the server; see `takeLock`. */
  ownerLock: string
  /** Process id of the owner and, once the server is up, its port. Means nothing while the lock is free. */
  owner: string
  /** What the server said since it was last started. */
  log: string
}

/** Names the parts of a data folder without touching the disk. */
export function dataFolder(root: string): DataFolder {
  return {
    root,
    cluster: join(root, 'cluster'),
    password: join(root, 'password'),
    ownerLock: join(root, 'owner.lock'),
    owner: join(root, 'owner'),
    log: join(root, 'server.log'),
  }
}

/** Creates the data folder (0700) when it is missing. Throws `EmbeddedError` DATA_UNUSABLE when it is somebody else's. */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    return dataFolder(await realpath(dataDir))
  } catch (cause) {
    throw new EmbeddedError(
      'DATA_UNUSABLE',
      `Cannot write to ${dataDir}: start as the user it belongs to, or choose another folder.`,
      { cause },
    )
  }
}
