import * as v from 'valibot'
import { SETTINGS } from './settings.ts'

const schema = v.object(SETTINGS)

/** The settings of this process: each variable's name with its typed value. Frozen. */
export type Settings = Readonly<v.InferOutput<typeof schema>>

/** Says everything that is wrong with the environment at once, one line per variable. */
export class SettingsError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'SettingsError'
    this.problems = problems
  }
}

/**
 * Environment in, typed settings out. An empty variable counts as unset (compose files pass those).
 * Throws SettingsError with every problem; no value is repeated in it, because it may hold a password.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const written = Object.fromEntries(
    Object.keys(SETTINGS)
      .map((name) => [name, environment[name]] as const)
      .filter(([, value]) => value !== undefined && value.trim() !== ''),
  )
  const result = v.safeParse(schema, written)
  if (!result.success) {
    throw new SettingsError(result.issues.map((issue) => `${issue.path?.[0]?.key} ${issue.message}`))
  }
  return Object.freeze(result.output)
}

/** The database's address, or a sentence that says how to give one. */
export function requireDatabaseUrl(settings: Settings): string {
  if (settings.DATABASE_URL === undefined) {
    throw new SettingsError(['DATABASE_URL is not set: it must look like postgres://user:password@host:5432/name'])
  }
  return settings.DATABASE_URL
}

/** The address for what a transaction pooler cannot carry: LISTEN, migrations, advisory locks. */
export function directDatabaseUrl(settings: Settings): string {
  return settings.DATABASE_DIRECT_URL ?? requireDatabaseUrl(settings)
}
