import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import type { Settings } from '@rumen/config/read-settings'
import { type Analyst, creatingStatements, isAnalystName } from '@rumen/db/analyst/analyst-statements'
import { createAnalyst } from '@rumen/db/analyst/create-analyst'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

const RANDOM_BYTES = 24
/** Printable ASCII, from 12 characters on. */
const PASSWORD = /^[ -~]{12,200}$/

/** `rumen analyst create NAME --project ID… --password-stdin|--print-password [--json]` */
export async function createAnalystCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'NAME', {
    project: { type: 'string', multiple: true },
    'password-stdin': { type: 'boolean' },
    'print-password': { type: 'boolean' },
    json: { type: 'boolean' },
  })
  if (!isAnalystName(word)) {
    throw new CommandError('NAME is of small letters, digits and _, begins with a letter, and is none of PostgreSQL')
  }
  const given = options.project ?? [readProjectId(undefined)]
  const analyst = { name: word, projectIds: [...new Set(given.map(readProjectId))] }
  if (options['password-stdin'] === options['print-password']) {
    throw new CommandError('how does it get its password? --password-stdin reads it, --print-password makes one')
  }
  const isMade = options['print-password'] === true
  const password = isMade ? randomBytes(RANDOM_BYTES).toString('base64url') : await readPassword()
  const created = await withDatabase(settings, (db) => createAnalyst(db, { ...analyst, password }))
  if (created.outcome === 'unknown_project') throw unknownProject(created.projectId)
  if (created.outcome === 'taken') throw new CommandError(`the server has a role ${word} already`)
  if (created.outcome === 'not_allowed') throw new CommandError(notAllowed(analyst))
  const projects = analyst.projectIds.map(Number)
  if (options.json) console.log(JSON.stringify({ name: word, projects, ...(isMade ? { password } : {}) }))
  else console.log([`${word} reads schema project_analytics`, ...(isMade ? [`password\t${password}`] : [])].join('\n'))
}

async function readPassword(): Promise<string> {
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (!PASSWORD.test(password)) throw new CommandError('a password is 12 to 200 printable ASCII characters')
  return password
}

function notAllowed(analyst: Analyst): string {
  const statements = [...creatingStatements(analyst), `\\password ${analyst.name}`]
  return `this login may not make roles; in psql, as one that may and owns Rumen's tables, or as a superuser:\n${statements.join(';\n')}`
}
