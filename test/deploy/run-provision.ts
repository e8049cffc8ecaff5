import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const PROVISION = fileURLToPath(new URL('../../docker/metabase/provision.ts', import.meta.url))

/** One that never ends by itself is ended. */
const RUN_MS_MAX = 180_000

export const SECRETS = { admin: 'very-s3cret "admin"', readonly: `re'ad$on/ly@` }

export interface ProvisionRun {
  child: ChildProcess
  /** What it wrote so far, standard output and error together. */
  output(): string
  /** Null after a signal. */
  ended: Promise<number | null>
}

/** Starts the provisioning against a Metabase, as compose does: with nothing but its environment. */
export function startProvision(
  url: string,
  environment: Readonly<Record<string, string>> = {},
  { program = PROVISION, flags = [] }: { program?: string; flags?: readonly string[] } = {},
): ProvisionRun {
  const child = spawn(process.execPath, [...flags, program], {
    env: {
      METABASE_URL: url,
      METABASE_ADMIN_EMAIL: 'admin@example.com',
      METABASE_ADMIN_PASSWORD: SECRETS.admin,
      METABASE_READONLY_HOST: 'database',
      METABASE_READONLY_PASSWORD: SECRETS.readonly,
      METABASE_WAIT_SECS: '60',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: RUN_MS_MAX,
    killSignal: 'SIGKILL',
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
  return { child, output: () => output, ended }
}

export async function runProvision(
  ...given: Parameters<typeof startProvision>
): Promise<{ exitCode: number | null; output: string }> {
  const run = startProvision(...given)
  return { exitCode: await run.ended, output: run.output() }
}
