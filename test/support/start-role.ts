import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export type Role = 'gateway' | 'worker'

/** A real process of Rumen's, with its output kept for the report of a failed test. */
export interface RoleProcess {
  pid: number
  /** 0 for a role without a port. */
  port: number
  /** Where health and metrics are; 0 for a role without such a port. */
  adminPort: number
  /** What it wrote so far. */
  output(): string
  /** SIGKILL, SIGSTOP, SIGCONT … at once. */
  signal(name: NodeJS.Signals): void
  /** Resolves with its exit code, null after a signal. */
  exited: Promise<number | null>
  /** SIGTERM, and waits for the end. */
  stop(): Promise<number | null>
}

/** Ports that are free, and nothing in front that would have to be told of a stop. */
const SETTINGS = {
  GATEWAY_PORT: '0',
  GATEWAY_ADMIN_PORT: '0',
  WORKER_ADMIN_PORT: '0',
  // Tests count rows.
  CANARY_INTERVAL_SECS: '0',
  STOP_DELAY_SECS: '0',
  LOG_LEVEL: 'warn',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.rumen/compile-cache', import.meta.url)),
}

/** Starts a role on the database and resolves once it says that it is ready. */
export async function startRole(
  role: Role,
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<RoleProcess> {
  const program = fileURLToPath(new URL(`../../apps/${role}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ...SETTINGS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const ready = await Promise.race([readyPorts(child), exited.then(() => null)])
  if (ready === null || child.pid === undefined) throw new Error(`the ${role} did not start:\n${output}`)
  return {
    pid: child.pid,
    port: ready.port ?? 0,
    adminPort: ready.adminPort ?? 0,
    output: () => output,
    signal: (name) => child.kill(name),
    exited,
    async stop() {
      child.kill('SIGTERM')
      return await exited
    },
  }
}

async function readyPorts(child: ChildProcess): Promise<{ port: number | null; adminPort?: number }> {
  const [message] = (await once(child, 'message')) as [{ port: number | null; adminPort?: number }]
  return message
}
