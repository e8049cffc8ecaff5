import { randomBytes } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFolder } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'
import { runGuarded } from './guard.ts'
import type { Binaries } from './reachable-binaries.ts'
import { logTail, openLog } from './server-log.ts'
import type { ServerUser } from './server-user.ts'

const DRAFT_PREFIX = 'initdb-'
/** From this major version on, PostgreSQL itself knows upper and lower case of every alphabet. */
const BUILTIN_LOCALE_VERSION = 17

export interface ClusterPlan {
  folder: DataFolder
  binaries: Binaries
  user: ServerUser | null
  /** False leaves the new files to the kernel's cache: for servers whose data may be lost, such as those of tests. */
  fsync: boolean
  onProgress: (line: string) => void
}

/**
 * Makes the cluster unless it exists, in a sibling folder that is renamed when it is whole: a run killed half-way leaves a draft,
 * which the next one removes. Only for the holder of the owner lock. Throws `EmbeddedError` INITDB_FAILED or DATA_UNUSABLE.
 */
export async function createCluster(plan: ClusterPlan): Promise<void> {
  const { folder, user } = plan
  await removeDrafts(folder)
  if (await stat(folder.cluster).catch(() => null)) return
  plan.onProgress('Creating the database files (once)')
  await ensurePassword(folder, user)
  const draft = join(folder.root, DRAFT_PREFIX + randomBytes(4).toString('hex'))
  await mkdir(draft, { mode: 0o700 })
  if (user) await chown(draft, user.uid, user.gid)
  await initialise(plan, draft)
  await rename(draft, folder.cluster)
  if (plan.fsync) await syncFolder(folder.root)
}

async function initialise({ folder, binaries, user, fsync }: ClusterPlan, draft: string): Promise<void> {
  const draftHandle = await open(draft, 'r')
  const passwordHandle = await open(folder.password, 'r')
  const log = await openLog(folder.log)
  try {
    const handed = throughDescriptors(user)
    const initdb = await runGuarded({
      command: join(binaries.binDir, 'initdb'),
      args: [
        ...['-D', handed ? '/proc/self/fd/3' : draft],
        ...['--pwfile', handed ? '/proc/self/fd/4' : folder.password],
        ...['--username', 'postgres', '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--data-checksums'],
        ...localeOptions(binaries.version),
        ...(fsync ? [] : ['--no-sync']),
      ],
      logFd: log.fd,
      fds: [draftHandle.fd, passwordHandle.fd],
      user,
    })
    if ((await initdb.exited) === 0) return
    throw new EmbeddedError(
      'INITDB_FAILED',
      `Creating the database files in ${folder.root} failed:\n${await logTail(folder.log)}`,
    )
  } finally {
    await Promise.all([draftHandle.close(), passwordHandle.close(), log.close()])
  }
}

/**
 * Whether the server must reach its files through inherited descriptors: as root, its user may be kept out of a folder above them.
 * A link in /proc/self/fd needs no permission on the way there. `/proc/self/cwd` works as well, but only since PostgreSQL 16.
 */
export function throughDescriptors(user: ServerUser | null): boolean {
  return user !== null && process.platform === 'linux'
}

function localeOptions(version: number): string[] {
  if (version < BUILTIN_LOCALE_VERSION) return ['--locale', 'C']
  return ['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8']
}

/** The password comes before the cluster, so that there is never a cluster whose password nobody knows. */
async function ensurePassword(folder: DataFolder, user: ServerUser | null): Promise<void> {
  const known = await readFile(folder.password, 'utf8').catch(() => '')
  if (known) return
  await writeFile(folder.password, randomBytes(24).toString('hex'), { mode: 0o600, flush: true })
  if (user) await chown(folder.password, user.uid, user.gid)
}

async function removeDrafts(folder: DataFolder): Promise<void> {
  for (const name of await readdir(folder.root)) {
    if (!name.startsWith(DRAFT_PREFIX)) continue
    // An initdb whose parent was just killed may still be writing: a few tries outlast it.
    await rm(join(folder.root, name), { recursive: true, force: true, maxRetries: 10 })
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  await handle.sync().finally(() => handle.close())
}
