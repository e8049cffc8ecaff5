import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))
const COMPILE_CACHE = fileURLToPath(new URL('../../.rumen/compile-cache', import.meta.url))

/** What a command said, and how it ended; null: by a signal. */
export interface Called {
  code: number | null
  output: string
  errors: string
}

interface Call {
  databaseUrl: string
  /** What it reads on standard input; nothing unless given. */
  input?: Readable
  /** Gets its standard output instead of `output`. */
  reader?: (stream: Readable) => void
}

/** The real command line on a database, word by word, with its streams. */
export function beginCommand(
  words: readonly string[],
  { databaseUrl, input, reader }: Call,
): { child: ChildProcess; ended: Promise<Called> } {
  const child = spawn(process.execPath, [CLI, ...words], {
    env: { PATH: process.env.PATH, DATABASE_URL: databaseUrl, NODE_COMPILE_CACHE: COMPILE_CACHE },
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
    ([code]): Called => ({ code: typeof code === 'number' ? code : null, ...said }),
  )
  return { child, ended }
}

/** The same, to its end. */
export async function callCommand(words: readonly string[], call: Call): Promise<Called> {
  return await beginCommand(words, call).ended
}
