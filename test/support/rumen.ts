import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

export interface EndedCommand {
  code: number | null
  output: string
  errors: string
}

/** The real command line on a database. */
export function startRumen(databaseUrl: string, line: string) {
  const child = spawn(process.execPath, [CLI, ...line.split(' ')], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { output: '', errors: '' }
  child.stdout.on('data', (text) => (said.output += text))
  child.stderr.on('data', (text) => (said.errors += text))
  const ended: Promise<EndedCommand> = once(child, 'close').then(([code]) => ({ code, ...said }))
  return { child, ended }
}
