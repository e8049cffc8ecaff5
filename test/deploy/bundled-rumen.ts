import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

/** The bundle as an image has it: beside a Node of its own, in folders nobody may write, for a user who owns nothing. */
export interface BundledRumen {
  folder: string
  /** The only folder that may be written. */
  writable: string
  /** Every file there is beside the writable folder and Node. */
  files(): Promise<string[]>
  /** Runs a command to its end. */
  run(words: readonly string[], environment?: Environment): Promise<Ran>
  /** Starts a process and leaves it running. */
  start(words: readonly string[], environment?: Environment): BundledProcess
  remove(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

export interface Ran {
  exitCode: number | null
  output: string
}

export interface BundledProcess {
  pid: number
  /** The line of its log that says so, as an object, once it is there; rejects with what it wrote when it ends before. */
  logged(message: string): Promise<Readonly<Record<string, unknown>>>
  stop(): Promise<Ran>
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))
/** Owns nothing, as the image's user. */
const NOBODY = 65_534
const START_MS_MAX = 60_000

/** Bundles into one folder and copies it to another, so that nothing is found where it was made. */
export async function bundleRumen(): Promise<BundledRumen> {
  const { path, remove } = await temporaryFolder('rumen-bundle-')
  await promisify(execFile)(process.execPath, ['docker/bundle.ts', join(path, 'made')], { cwd: CHECKOUT })
  const parts = { folder: join(path, 'opt'), writable: join(path, 'tmp'), home: join(path, 'home') }
  await cp(join(path, 'made'), parts.folder, { recursive: true })
  await mkdir(parts.writable)
  await mkdir(parts.home)
  const node = join(path, 'node')
  await copyFile(process.execPath, node)
  await letNobodyWrite(path)
  await chmod(parts.writable, 0o777)
  const begin = (words: readonly string[], environment: Environment) =>
    spawn(node, [join(parts.folder, 'rumen'), ...words], {
      cwd: parts.home,
      env: { HOME: parts.home, TMPDIR: parts.writable, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}),
    })
  return {
    folder: parts.folder,
    writable: parts.writable,
    files: async () => [...(await filesIn(parts.folder)), ...(await filesIn(parts.home))],
    run: async (words, environment = {}) => await finish(begin(words, environment)),
    start: (words, environment = {}) => follow(begin(words, environment)),
    async remove() {
      await letOwnerWrite(path)
      await remove()
    },
  }
}

type Child = ReturnType<typeof spawn>

async function finish(child: Child): Promise<Ran> {
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, output }
}

function follow(child: Child): BundledProcess {
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const closed = once(child, 'close')
  return {
    pid: child.pid ?? 0,
    async logged(message) {
      const find = () => {
        const line = output.split('\n').find((one) => one.startsWith('{') && one.includes(`"msg":"${message}"`))
        if (!line && child.exitCode !== null) throw new Error(`it ended:\n${output}`)
        return line
      }
      return JSON.parse(await waitFor(`"${message}"`, find, START_MS_MAX))
    },
    async stop() {
      child.kill('SIGTERM')
      const [exitCode] = (await closed) as [number | null]
      return { exitCode, output }
    },
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}

async function letNobodyWrite(path: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'a-w,a+rX', path])
}

async function letOwnerWrite(path: string): Promise<void> {
  await promisify(execFile)('chmod', ['-R', 'u+w', path])
}
