import { setTimeout as delay } from 'node:timers/promises'
import { BUNDLED_CLI } from './bundle.ts'
import { freePort } from './free-port.ts'
import { startProgram } from './start-program.ts'

export interface RunningRole {
  pid: number
  /** 0 for a role without one. */
  port: number
  /** Rejects when it ends by itself. */
  failed: Promise<never>
  /** The last of what it logged: warnings and errors. */
  said(): string
  stop(): Promise<void>
}

const START_MS_MAX = 30_000
const POLL_MS = 50

/**
 * Starts a role as an image does, with the bundled `rumen serve`, which becomes the role: with the flags of the product,
 * whatever they are. `profileDir`: where it leaves a CPU profile when it stops.
 */
export async function startRole(
  role: 'gateway' | 'worker',
  databaseUrl: string,
  { profileDir }: { profileDir?: string } = {},
): Promise<RunningRole> {
  const port = role === 'gateway' ? await freePort() : 0
  const { pid, failed, said, stop } = startProgram(BUNDLED_CLI, ['serve', role], {
    environment: {
      DATABASE_URL: databaseUrl,
      GATEWAY_PORT: `${port}`,
      GATEWAY_ADMIN_PORT: '0',
      WORKER_ADMIN_PORT: '0',
      // What arrives is compared with what was sent.
      CANARY_INTERVAL_SECS: '0',
      LOG_LEVEL: 'warn',
      ...(profileDir === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` }),
    },
  })
  if (port !== 0) await Promise.race([answers(`http://127.0.0.1:${port}/health`), failed])
  return { pid, port, failed, said, stop }
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + START_MS_MAX
  for (;;) {
    const response = await fetch(url).catch(() => null)
    await response?.arrayBuffer()
    if (response?.ok) return
    if (Date.now() > deadline) throw new Error(`${url} does not answer`)
    await delay(POLL_MS)
  }
}
