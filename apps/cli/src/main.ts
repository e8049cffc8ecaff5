import { existsSync } from 'node:fs'
import { readSettings, SettingsError } from '@rumen/config/read-settings'
import { EmbeddedError } from '@rumen/embedded/embedded-error'
import { errorText } from '@rumen/telemetry/error-text'
import { CommandError } from './command-error.ts'
import { findCommand, USAGE } from './commands.ts'
import { fromRoot } from './paths.ts'

/** Errors whose message is written for the person at the prompt, at any length. */
const FOR_PEOPLE = [CommandError, SettingsError, EmbeddedError]

try {
  // What stands in the environment wins over the file.
  if (existsSync(fromRoot('.env'))) process.loadEnvFile(fromRoot('.env'))
  const words = process.argv.slice(2)
  const found = findCommand(words)
  if (!found) {
    const asked = words.length === 0 || words.includes('--help') || words.includes('-h')
    console[asked ? 'log' : 'error'](asked ? USAGE : `rumen: no such command: ${words.join(' ')}\n\n${USAGE}`)
    process.exitCode = asked ? 0 : 2
  } else {
    await found.command.run(found.rest, readSettings(process.env), process.env)
  }
} catch (error) {
  const forPeople = FOR_PEOPLE.some((kind) => error instanceof kind)
  console.error(`rumen: ${forPeople && error instanceof Error ? error.message : errorText(error)}`)
  process.exitCode = 1
}
