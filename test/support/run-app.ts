import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface AppRun {
  /** Null after a signal. */
  exitCode: number | null
  /** What it wrote, standard output and error together. */
  output: string
}

const RUN_MS_MAX = 20_000

/**
 * Runs a program of `test/flow/apps` to its end in a process of its own, as an app that knows of Rumen nothing but its
 * DSN. An app that does not end by itself is killed.
 */
export async function runApp(name: string, dsn: string): Promise<AppRun> {
  const program = fileURLToPath(new URL(`../flow/apps/${name}`, import.meta.url))
  const app = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, SENTRY_DSN: dsn },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
    killSignal: 'SIGKILL',
  })
  let output = ''
  app.stdout.on('data', (text) => (output += text))
  app.stderr.on('data', (text) => (output += text))
  const [exitCode] = (await once(app, 'close')) as [number | null]
  return { exitCode, output }
}
