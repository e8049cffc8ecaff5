import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { waitFor } from './wait-for.ts'

export interface NpmProcess {
  /** What it wrote so far. */
  output(): string
  /** Resolves with its exit code, null after a signal. */
  exited: Promise<number | null>
  /** SIGINT to it and everything it started, as a terminal does on Ctrl-C. */
  interrupt(): void
  /** Whether anything it started in its group is still there. */
  isAlive(): boolean
  /** Ends whatever is left of it. */
  kill(): Promise<void>
}

/**
 * A process group like a terminal's. Should the run of the tests be killed, standard input ends, and the group is
 * interrupted: nothing may outlive it.
 */
const TERMINAL = `
trap : INT
exec 9<&0
(read -r _ <&9; kill -INT 0) &
watcher=$!
"$@" 9<&- </dev/null
status=$?
kill -KILL "$watcher"
wait "$watcher" 2>/dev/null
exit "$status"
`

/** Runs npm in a folder as if at a prompt of its own, until it is stopped. */
export function startNpm(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): NpmProcess {
  const child = spawn('/bin/sh', ['-c', TERMINAL, 'terminal', 'npm', ...words], {
    cwd: folder,
    env: userEnvironment(environment),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const { pid } = child
  if (pid === undefined) throw new Error('/bin/sh did not start')
  const isGroupAlive = () => isAlive(-pid)
  return {
    output: () => output,
    exited: once(child, 'exit').then(([code]) => code as number | null),
    interrupt: () => process.kill(-pid, 'SIGINT'),
    isAlive: isGroupAlive,
    async kill() {
      if (!isGroupAlive()) return
      process.kill(-pid, 'SIGKILL')
      await waitFor('the end of a killed process group', () => !isGroupAlive())
    },
  }
}

/** Runs npm to its end and gives its standard output; rejects when it fails. */
export async function runNpm(
  folder: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const { stdout } = await promisify(execFile)('npm', words, { cwd: folder, env: userEnvironment(environment) })
  return stdout
}

/** Whether there is such a process; a negative number asks for a group. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** How npm reaches its registry and keeps what it fetched; nothing else of this run, and none of its programs. */
const KEPT = /^(HOME|TMPDIR|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy|npm_config_(registry|cache|userconfig|cafile))$/i

function userEnvironment(given: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name))
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('/node_modules/'))
  return { ...Object.fromEntries(kept), PATH: path.join(':'), ...given }
}
