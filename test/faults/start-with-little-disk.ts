import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const KiB = 1024

/** A gateway whose files cannot grow beyond a bound, as on a disk that is full: a write behind it fails (EFBIG). */
export interface LittleDiskGateway {
  port: number
  output(): string
  stop(): Promise<number | null>
}

/** Node ignores the signal that would end other programs there. */
export async function startWithLittleDisk(
  databaseUrl: string,
  { fileBytesMax, ...environment }: { fileBytesMax: number } & Readonly<Record<string, string | number>>,
): Promise<LittleDiskGateway> {
  const program = fileURLToPath(new URL('../../apps/gateway/src/main.ts', import.meta.url))
  // In blocks of 512 bytes, says POSIX.
  const blocks = Math.ceil(fileBytesMax / KiB) * 2
  const child = spawn('/bin/sh', ['-c', `ulimit -f ${blocks} && exec "$0" "$1"`, process.execPath, program], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: databaseUrl,
      GATEWAY_PORT: '0',
      GATEWAY_ADMIN_PORT: '0',
      CANARY_INTERVAL_SECS: '0',
      STOP_DELAY_SECS: '0',
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, `${value}`])),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (output += text))
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const port = await Promise.race([readyPort(child), exited.then(() => null)])
  if (port === null) throw new Error(`the gateway did not start:\n${output}`)
  return {
    port,
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      return await exited
    },
  }
}

async function readyPort(child: ChildProcess): Promise<number> {
  const [message] = (await once(child, 'message')) as [{ port: number }]
  return message.port
}
