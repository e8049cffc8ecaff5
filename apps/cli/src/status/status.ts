import type { Settings } from '@rumen/config/read-settings'
import { readOptions } from '../read-options.ts'
import { statusInJson } from './in-json.ts'
import { statusInWords } from './in-words.ts'
import { readStatus } from './report.ts'

/** `rumen status [--json]`: how everything is; exit code 1 where something wants somebody now. Changes nothing. */
export async function statusCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { json } = readOptions(rest, { json: { type: 'boolean' } })
  const status = await readStatus(settings)
  if (json) console.log(JSON.stringify(statusInJson(status)))
  else for (const line of statusInWords(status, new Date())) console.log(line)
  if (status.status === 'failing') process.exitCode = 1
}
