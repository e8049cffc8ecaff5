import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

export interface CommandEnd {
  code: number | null
  output: string
  errors: string
}

/** Starts the real command line on a database. */
export function startCommand(
  line: string,
  databaseUrl: string,
  environment: Readonly<Record<string, string>> = {},
): { child: ChildProcess; ended: Promise<CommandEnd> } {
  const child = spawn(process.execPath, [CLI, ...line.split(' ')], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [output, errors] = ['', '']
  child.stdout?.on('data', (text) => (output += text))
  child.stderr?.on('data', (text) => (errors += text))
  return { child, ended: once(child, 'close').then(([code]) => ({ code, output, errors })) }
}
