import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import { SETTINGS } from '@rumen/config/settings'
import { type Check, well } from '@rumen/health/check'
import { errorText } from '@rumen/telemetry/error-text'

/** Read by Node, PostgreSQL's clients or OpenTelemetry, not by Rumen. */
const OTHERS = /^(NODE_|PG|OTEL_|TZ$|HTTPS?_PROXY$|NO_PROXY$)/

/** Names in a file of settings that mean nothing: a misspelt one is silently the default. */
export async function judgeDotenv(file: string): Promise<Check> {
  if (!existsSync(file)) return well({ file: null })
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ unreadable: errorText(error) }))
  if (typeof text !== 'string') {
    const message = `.env cannot be read: ${text.unreadable}`
    return { status: 'failing', message, advice: 'let Rumen read it, or take it away', figures: { file: '.env' } }
  }
  const unknown = Object.keys(parseEnv(text)).filter((name) => !Object.hasOwn(SETTINGS, name) && !OTHERS.test(name))
  const figures = { file: '.env', unknown }
  if (unknown.length === 0) return well(figures)
  const message = `.env sets what Rumen does not know: ${unknown.join(', ')}`
  return { status: 'degraded', message, advice: '.env.example has all names there are', figures }
}
