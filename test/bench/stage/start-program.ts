import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Program {
  child: ChildProcess
  pid: number
  /** Rejects, with its last words, when it ends before it is stopped. */
  failed: Promise<never>
  /** The last of what it wrote, to either stream. */
  said(): string
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>
}

const LAST_WORDS_CHARS = 4_000
const STOP_MS_MAX = 15_000

/** Starts a program of this checkout with the Node this one runs on, and nothing of its environment but the path. */
export function startProgram(
  file: URL,
  args: readonly string[],
  {
    environment = {},
    nodeOptions = [],
  }: { environment?: Record<string, string>; nodeOptions?: readonly string[] } = {},
): Program {
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(file), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let words = ''
  const keep = (text: Buffer) => {
    words = (words + text.toString()).slice(-LAST_WORDS_CHARS)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  let stopping = false
  // Whatever ends the bench, short of SIGKILL, ends what it started.
  const end = () => child.kill('SIGTERM')
  process.once('exit', end)
  const exited = once(child, 'exit')
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => undefined)
  exited.then(([code, signal]) => {
    if (!stopping) reject(new Error(`${fileURLToPath(file)} ended (${signal ?? code}):\n${words}`))
  }, reject)
  return {
    child,
    pid: child.pid ?? 0,
    failed,
    said: () => words,
    async stop() {
      stopping = true
      process.off('exit', end)
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX)
      await exited
      clearTimeout(deadline)
    },
  }
}
