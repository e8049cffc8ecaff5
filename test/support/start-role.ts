import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Role = 'gateway' | 'worker'

/** A real process of Rumen's, with its output kept for the report of a failed test. */
export interface RoleProcess {
  pid: number
  /** 0 for a role without a port. */
  port: number
  /** What it wrote so far. */
  output(): string
  /** SIGKILL, SIGSTOP, SIGCONT … at once. */
  signal(name: NodeJS.Signals): void
  /** Resolves with its exit code, null after a signal. */
  exited: Promise<number | null>
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>
}

/** Starts a role on the database and resolves once it says that it is ready. */
export async function startRole(
  role: Role,
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RoleProcess> {
  const program = fileURLToPath(new URL(`../../apps/${role}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, GATEWAY_PORT: '0', LOG_LEVEL: 'warn', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const port = await Promise.race([readyPort(child), exited.then(() => null)])
  if (port === null || child.pid === undefined) throw new Error(`the ${role} did not start:\n${output}`)
  return {
    pid: child.pid,
    port,
    output: () => output,
    signal: (name) => child.kill(name),
    exited,
    async stop() {
      child.kill('SIGTERM')
      return await exited
    },
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number | null }]
  return message.port ?? 0
}
