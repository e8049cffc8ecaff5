import type { Settings } from '@rumen/config/read-settings'
import { type Connection, connect, type Db } from '@rumen/db/connect'
import { WAYS, type Way } from '@rumen/db/person/person'
import { listProjects } from '@rumen/db/project/list-projects'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { prepare } from '../migrate/migrate.ts'
import { openDatabase } from '../open-database.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { LONG_STATEMENT_MS } from '../with-database.ts'

export const SCOPE_OPTIONS = {
  project: { type: 'string' },
  all: { type: 'boolean' },
  by: { type: 'string' },
} as const

/** Null: whatever the name turns out to be. */
export function readWay(text: string | undefined): Way | null {
  if (text === undefined) return null
  const way = WAYS.find((one) => one === text)
  if (way === undefined) throw new CommandError(`--by ${WAYS.join('|')}: not ${text}`)
  return way
}

/** The projects that are meant: `--project ID` or, when somebody says so, `--all`. */
export async function projectsOf(
  db: Db,
  { project, all }: { project?: string | undefined; all?: boolean | undefined },
): Promise<readonly ProjectId[]> {
  if ((project === undefined) === (all !== true)) throw new CommandError('in which project? --project ID, or --all')
  const wanted = project === undefined ? null : readProjectId(project)
  const projects = (await listProjects(db)).filter(({ deletingSince }) => deletingSince === null).map(({ id }) => id)
  if (wanted === null) return projects
  if (!projects.includes(wanted)) throw unknownProject(wanted)
  return [wanted]
}

/** Connections that reach PostgreSQL itself: reading all archives takes a session of its own, and so does a lock. */
export async function withConnection<Result>(
  settings: Settings,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const database = await openDatabase(settings, console.error)
  try {
    await prepare(database)
    const connection = connect(database.directUrl, {
      poolSize: 3,
      name: 'rumen person',
      statementTimeoutMs: LONG_STATEMENT_MS,
    })
    return await use(connection).finally(connection.close)
  } finally {
    await database.close()
  }
}
