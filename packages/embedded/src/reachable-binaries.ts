import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  symlink,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, relative } from 'node:path'
import { EmbeddedError } from './embedded-error.ts'
import { runForText } from './run-for-text.ts'
import type { ServerUser } from './server-user.ts'

export interface Binaries {
  binDir: string
  /** Major version, such as 18. */
  version: number
}

/** Static archives and build files: 6 of the 60 MB, useless to a running server. */
const LEFT_OUT = new Set(['.a', '.pc'])

/**
 * Binaries that `user` can execute: those in `binDir`, or, when root keeps them where the server's user cannot go, a copy in a
 * root-owned folder of the system's temporary directory, made once per content. Throws `EmbeddedError` BINARIES_UNUSABLE.
 */
export async function reachableBinaries(
  binDir: string,
  user: ServerUser | null,
  onProgress: (line: string) => void = () => {},
): Promise<Binaries> {
  let found = await probe(binDir, user)
  if (typeof found === 'number') return { binDir, version: found }
  if (user === null) throw unusable(binDir, found)
  const source = dirname(await realpath(binDir).catch(() => binDir))
  // /tmp may be mounted noexec, and TMPDIR may be root's alone.
  for (const folder of new Set([tmpdir(), '/tmp', '/var/tmp', '/run'])) {
    const copy = await copyOnce(source, folder, onProgress).catch(() => null)
    if (!copy) continue
    found = await probe(join(copy, 'bin'), user)
    if (typeof found === 'number') return { binDir: join(copy, 'bin'), version: found }
    if (!isDenied(found)) break // it may be executed, so what it lacks it lacks everywhere
  }
  throw unusable(binDir, found)
}

/** The major version, or why `user` cannot run it. */
async function probe(binDir: string, user: ServerUser | null): Promise<number | Error> {
  try {
    const text = await runForText(join(binDir, 'postgres'), ['--version'], user)
    return Number.parseInt(text.replace(/^\D+/, ''), 10)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function isDenied(error: Error): boolean {
  return 'code' in error && error.code === 'EACCES'
}

function unusable(binDir: string, cause: Error): EmbeddedError {
  return new EmbeddedError('BINARIES_UNUSABLE', `PostgreSQL in ${binDir} does not run here: ${cause.message.trim()}`, {
    cause,
  })
}

async function copyOnce(source: string, folder: string, onProgress: (line: string) => void): Promise<string> {
  const files = await listFiles(source)
  const key = await fingerprint(source, files)
  const target = join(folder, `rumen-postgres-${key}`)
  if (await isIntact(target, key)) return target
  onProgress(`Copying PostgreSQL's programs to ${target}, where an unprivileged user can run them (once)`)
  const draft = `${target}.${randomBytes(4).toString('hex')}`
  await mkdir(draft)
  try {
    for (const file of files) await copyEntry(join(source, file), join(draft, file))
    await openToAll(draft)
    await putInPlace(draft, target, key)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  if (await isIntact(target, key)) return target
  throw new Error(`${target} is not what was copied there`)
}

/** Another process may have been quicker; then its copy stays. */
async function putInPlace(draft: string, target: string, key: string): Promise<void> {
  const isFree = await rename(draft, target).then(
    () => true,
    () => false,
  )
  if (isFree || (await isIntact(target, key)) || !(await isRootOwned(target))) return
  // Cleaners of /tmp delete what is old, one file at a time: what is left of a copy makes way.
  const remains = `${draft}.old`
  await rename(target, remains)
  await rename(draft, target)
  await rm(remains, { recursive: true, force: true })
}

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => !entry.isDirectory() && !LEFT_OUT.has(extname(entry.name)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort()
}

/** Names the content: every path with its size, and the bytes of the server itself. */
async function fingerprint(root: string, files: string[]): Promise<string> {
  const hash = createHash('sha256')
  const sizes = await Promise.all(files.map(async (file) => (await lstat(join(root, file))).size))
  for (const [index, file] of files.entries()) hash.update(`${file} ${sizes[index]}\n`)
  hash.update(await readFile(join(root, 'bin', 'postgres')))
  return hash.digest('hex').slice(0, 16)
}

async function copyEntry(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  if ((await lstat(from)).isSymbolicLink()) await symlink(await readlink(from), to)
  else await copyFile(from, to)
}

/** Whatever root's umask was. Programs are what lies in `bin`; libraries need no x. */
async function openToAll(root: string): Promise<void> {
  await chmod(root, 0o755)
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue
    const isOpen = entry.isDirectory() || basename(entry.parentPath) === 'bin'
    await chmod(join(entry.parentPath, entry.name), isOpen ? 0o755 : 0o644)
  }
}

/** Anybody may put a folder of this name into /tmp: only root's own, unwritable to others, is believed. */
async function isRootOwned(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null)
  return found?.isDirectory() === true && found.uid === 0 && (found.mode & 0o777) === 0o755
}

async function isIntact(folder: string, key: string): Promise<boolean> {
  if (!(await isRootOwned(folder))) return false
  return (await fingerprint(folder, await listFiles(folder)).catch(() => '')) === key
}
