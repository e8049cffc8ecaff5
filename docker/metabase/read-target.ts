/** Where Metabase is, who provisions it, and the database it is to read. */
export interface Target {
  /** Without a slash at its end. */
  url: string
  email: string
  password: string
  waitMs: number
  /** Goes on with a Metabase this was not written for. */
  anyVersion: boolean
  /** As Metabase sees it, which may be another address than this process would take. */
  database: { host: string; port: number; name: string; user: string; password: string; ssl: boolean }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Every problem at once, none with a value in it. */
class TargetError extends Error {
  constructor(problems: readonly string[]) {
    super(`Metabase cannot be provisioned:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'TargetError'
  }
}

/** Environment in, target out. An empty variable counts as unset. Throws with every problem at once. */
export function readTarget(environment: Environment): Target {
  const problems: string[] = []
  const text = (name: string, otherwise?: string) => {
    const value = environment[name] || otherwise
    if (value === undefined) problems.push(`${name} is not set`)
    return value ?? ''
  }
  const count = (name: string, otherwise: number) => {
    const value = Number(environment[name] || otherwise)
    if (!Number.isSafeInteger(value) || value < 1) problems.push(`${name} must be a whole number`)
    return value
  }
  const flag = (name: string) => {
    const value = environment[name] || 'false'
    if (value !== 'true' && value !== 'false') problems.push(`${name} must be true or false`)
    return value === 'true'
  }
  const target = {
    url: text('METABASE_URL', 'http://127.0.0.1:3001').replace(/\/+$/, ''),
    email: text('METABASE_ADMIN_EMAIL'),
    password: text('METABASE_ADMIN_PASSWORD'),
    waitMs: count('METABASE_WAIT_SECS', 600) * 1000,
    anyVersion: flag('METABASE_ANY_VERSION'),
    database: {
      host: text('METABASE_READONLY_HOST', 'database'),
      port: count('METABASE_READONLY_PORT', 5432),
      name: text('METABASE_READONLY_DATABASE', 'rumen'),
      user: text('METABASE_READONLY_USER', 'metabase_readonly'),
      password: text('METABASE_READONLY_PASSWORD'),
      ssl: flag('METABASE_READONLY_SSL'),
    },
  }
  if (!/^https?:\/\/[^/]/.test(target.url) || !URL.canParse(target.url)) {
    problems.push('METABASE_URL must look like http://127.0.0.1:3001')
  }
  if (problems.length > 0) throw new TargetError(problems)
  return target
}
