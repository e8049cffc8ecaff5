import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import postgres from 'postgres'

export interface PsqlRun {
  exitCode: number | null
  output: string
}

type Run = (file: string, url: string, environment: Readonly<Record<string, string>>) => Promise<PsqlRun>

async function runPsql(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<PsqlRun> {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  child.stderr.on('data', (text) => (output += text))
  const [code] = await Promise.race([once(child, 'close'), once(child, 'error').then(() => [127])])
  return { exitCode: typeof code === 'number' ? code : null, output }
}

const realPsql: Run = (file, url, environment) => {
  const { hostname, port, username, password, pathname } = new URL(url)
  const server = { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: decodeURIComponent(password) }
  return runPsql('psql', ['--no-psqlrc', '--quiet', `--file=${file}`], {
    ...server,
    PGDATABASE: pathname.slice(1),
    ...environment,
  })
}

/** As much of psql as docker/postgres/logins.sql is written in: `\getenv`, `:'variable'` and `\gexec`. */
const standIn: Run = async (file, url, environment) => {
  const sql = postgres(url, { max: 1, onnotice: () => undefined })
  try {
    const variables = new Map<string, string>()
    let statement = ''
    for (const line of (await readFile(file, 'utf8')).replaceAll(/--.*$/gm, '').split('\n')) {
      const [, name = '', source = ''] = /^\\getenv (\w+) (\w+)$/.exec(line) ?? []
      if (line.startsWith('\\')) {
        if (name !== '') variables.set(name, environment[source] ?? '')
        continue
      }
      statement += `${line}\n`
      if (!/(;|\\gexec)$/.test(line)) continue
      const quoted = statement.replaceAll(/:'(\w+)'/g, (_, variable) => literal(variables.get(variable) ?? ''))
      const rows = await sql.unsafe(quoted.replace(/\\gexec$/m, ''))
      if (/\\gexec$/m.test(line)) for (const row of rows) await sql.unsafe(String(Object.values(row)[0]))
      statement = ''
    }
    return { exitCode: 0, output: '' }
  } catch (error) {
    return { exitCode: 3, output: String(error) }
  } finally {
    await sql.end()
  }
}

/** As psql quotes: an E string where there is a backslash. */
function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return value.includes('\\') ? ` E${quoted}` : quoted
}

const { exitCode } = await runPsql('psql', ['--version'], {})

export const STAND_IN = 'what stands in for psql'

/** What runs a file of psql's here: psql itself where it is installed, and what stands in for it where it is not. */
export const PSQLS: readonly (readonly [string, Run])[] = [
  [STAND_IN, standIn],
  ...(exitCode === 0 ? ([['psql', realPsql]] as const) : []),
]
