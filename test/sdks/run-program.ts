import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Program } from './sdk.ts'

export interface ProgramRun {
  /** Null after a signal. */
  exitCode: number | null
  /** Standard output and error together. */
  output: string
}

/** Go compiles first. */
const RUN_MS_MAX = 120_000

/** Runs a program to its end with nothing but a DSN; one that does not end by itself is killed. */
export async function runProgram({ command, words, environment }: Program, dsn: string): Promise<ProgramRun> {
  const child = spawn(command, words, {
    env: { PATH: process.env.PATH, ...environment, SENTRY_DSN: dsn },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
    killSignal: 'SIGKILL',
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { exitCode, output }
}
