import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

const SETTINGS = {
  CANARY_INTERVAL_SECS: '0',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.rumen/compile-cache', import.meta.url)),
}

export interface Ran {
  code: number | null
  output: string
  errors: string
}

/** Runs the real command line on a database, to its end. */
export async function runRumen(
  words: readonly string[],
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ...SETTINGS, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ran = { output: '', errors: '' }
  child.stdout.on('data', (text) => (ran.output += text))
  child.stderr.on('data', (text) => (ran.errors += text))
  const [code] = await once(child, 'close')
  return { code, ...ran }
}
