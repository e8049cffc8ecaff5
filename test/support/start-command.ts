import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))

const SETTINGS = {
  // Tests count rows.
  CANARY_INTERVAL_SECS: '0',
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../.rumen/compile-cache', import.meta.url)),
}

/** What a command said, and how it ended; null: by a signal. */
export interface CommandEnd {
  code: number | null
  output: string
  errors: string
}

interface Circumstances {
  environment?: Readonly<Record<string, string>>
  /** What it reads on standard input; nothing unless given. */
  input?: Readable
  /** Gets its standard output instead of `output`. */
  reader?: (stream: Readable) => void
}

/** Starts the real command line on a database, by its words or by a line that is split at its spaces. */
export function startCommand(
  line: string | readonly string[],
  databaseUrl: string,
  { environment, input, reader }: Circumstances = {},
): { child: ChildProcess; ended: Promise<CommandEnd> } {
  const words = typeof line === 'string' ? line.split(' ') : line
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, ...SETTINGS, ...environment },
    stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
  const said = { output: '', errors: '' }
  if (child.stdin && input) {
    // It may have had enough.
    child.stdin.on('error', () => undefined)
    input.pipe(child.stdin)
  }
  if (child.stdout && reader) reader(child.stdout)
  else child.stdout?.on('data', (text) => (said.output += text))
  child.stderr?.on('data', (text) => (said.errors += text))
  const ended = once(child, 'close').then(
    ([code]): CommandEnd => ({ code: typeof code === 'number' ? code : null, ...said }),
  )
  return { child, ended }
}

/** The same, to its end. */
export async function runCommand(...call: Parameters<typeof startCommand>): Promise<CommandEnd> {
  return await startCommand(...call).ended
}
