import { open } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { throughDescriptors } from './create-cluster.ts'
import type { DataFolder } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'
import { type Guarded, runGuarded } from './guard.ts'
import { readPostmaster } from './postmaster.ts'
import { logTail, openLog } from './server-log.ts'
import { type ServerSettings, settingOptions } from './server-settings.ts'
import type { ServerUser } from './server-user.ts'

/** A first try fails when somebody takes the free port meanwhile, or when processes of a killed server still hold its memory. */
const RETRY_AFTER_MS = [0, 50, 100, 200, 400, 800]
const POLL_MS = 10
const PATIENCE_LINE_MS = 5_000

export interface Launch {
  folder: DataFolder
  binDir: string
  user: ServerUser | null
  port: number | undefined
  settings: ServerSettings
  onProgress: (line: string) => void
}

/** Starts the server of an existing cluster and waits until it accepts connections. Throws `EmbeddedError` START_FAILED with its last words. */
export async function launchServer(launch: Launch): Promise<{ server: Guarded; port: number }> {
  for (const delayMs of RETRY_AFTER_MS) {
    await delay(delayMs)
    const port = launch.port ?? (await freePort())
    const server = await spawnServer(launch, port)
    if (await becomesReady(server, launch)) return { server, port }
  }
  const { folder } = launch
  throw new EmbeddedError('START_FAILED', `PostgreSQL in ${folder.root} does not start:\n${await logTail(folder.log)}`)
}

async function spawnServer({ folder, binDir, user, settings }: Launch, port: number): Promise<Guarded> {
  const cluster = await open(folder.cluster, 'r')
  const log = await openLog(folder.log)
  try {
    return await runGuarded({
      command: join(binDir, 'postgres'),
      args: ['-D', throughDescriptors(user) ? '/proc/self/fd/3' : folder.cluster, ...settingOptions(settings, port)],
      logFd: log.fd,
      fds: [cluster.fd],
      user,
    })
  } finally {
    await Promise.all([cluster.close(), log.close()])
  }
}

/** False when the server leaves instead. There is no deadline: replaying a long log takes its time, and killing it starts that anew. */
async function becomesReady(server: Guarded, { folder, onProgress }: Launch): Promise<boolean> {
  let patienceAt = Date.now() + PATIENCE_LINE_MS
  while (!server.hasExited()) {
    const state = await readPostmaster(folder.cluster)
    if (state?.pid === server.pid && state.ready) return true
    if (Date.now() > patienceAt) {
      onProgress('PostgreSQL is still repairing itself after a hard stop')
      patienceAt += PATIENCE_LINE_MS
    }
    await delay(POLL_MS)
  }
  return false
}

/** A port that is free now on 127.0.0.1. */
async function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const probe = createServer()
  probe.once('error', reject)
  probe.listen(0, '127.0.0.1', () => {
    const address = probe.address()
    probe.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))))
  })
  return await promise
}
