import { createCluster } from './create-cluster.ts'
import { openDataFolder } from './data-folder.ts'
import { findBinaries } from './find-binaries.ts'
import { launchServer } from './launch-server.ts'
import { takeOwnership } from './ownership.ts'
import { stopOrphan } from './postmaster.ts'
import { reachableBinaries } from './reachable-binaries.ts'
import type { ServerSettings } from './server-settings.ts'
import { readPassword, serverUrl } from './server-url.ts'
import { serverUser } from './server-user.ts'

export interface PostgresOptions {
  /** A folder of our own, made when missing; PostgreSQL's data directory lies inside it. */
  dataDir: string
  /** Where `initdb` and `postgres` are; by default the ones npm brought. */
  binDir?: string
  /** By default a free one, another at each start. */
  port?: number
  settings?: ServerSettings
  /** Told, in a sentence, about everything that may take a moment. */
  onProgress?: (line: string) => void
}

export interface RunningPostgres {
  /** Superuser `postgres`, database `postgres`, password included. */
  url: string
  port: number
  /** Fast shutdown: open transactions are rolled back, all that was committed is on disk. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL of a data folder, creating it the first time, and owns it: it stops with this process, however that ends.
 * Listens on 127.0.0.1 only. Throws `EmbeddedError`, IN_USE when a living process owns the folder (see `joinPostgres`).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const { settings = {}, onProgress = () => {} } = options
  const folder = await openDataFolder(options.dataDir)
  const ownership = await takeOwnership(folder)
  try {
    await stopOrphan(folder.cluster, onProgress)
    const user = await serverUser(folder.cluster)
    const binaries = await reachableBinaries(options.binDir ?? findBinaries(), user, onProgress)
    await createCluster({ folder, binaries, user, fsync: settings.fsync !== 'off', onProgress })
    const password = await readPassword(folder)
    const { server, port } = await launchServer({
      folder,
      binDir: binaries.binDir,
      user,
      port: options.port,
      settings,
      onProgress,
    })
    ownership.announce(port)
    const stop = async () => {
      server.stop()
      await server.exited
      await stopOrphan(folder.cluster) // only a server whose guard was killed is still there
      ownership.release()
    }
    let stopped: Promise<void> | undefined
    return {
      url: serverUrl(password, port),
      port,
      stop: () => {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    ownership.release()
    throw error
  }
}
