import type { Settings } from '@rumen/config/read-settings'
import { migrateDatabase } from './migrate-database.ts'
import { createProjectCommand } from './project-create.ts'
import { listProjectsCommand } from './project-list.ts'
import { serve } from './serve.ts'

export interface Command {
  /** The words that call it. */
  words: readonly string[]
  usage: string
  does: string
  run(rest: readonly string[], settings: Settings, environment: NodeJS.ProcessEnv): Promise<void>
}

const COMMANDS: readonly Command[] = [
  {
    words: ['serve'],
    usage: 'serve [gateway|worker]',
    does: 'Starts Rumen on this machine, or one of its processes. Without DATABASE_URL: on an embedded PostgreSQL.',
    run: serve,
  },
  {
    words: ['migrate'],
    usage: 'migrate',
    does: 'Brings the database up to date. Every start does it too.',
    run: migrateDatabase,
  },
  {
    words: ['project', 'create'],
    usage: 'project create --name NAME [--key KEY] [--json]',
    does: 'Creates a project and prints its DSN.',
    run: createProjectCommand,
  },
  {
    words: ['project', 'list'],
    usage: 'project list [--json]',
    does: 'Prints every project with its DSNs.',
    run: listProjectsCommand,
  },
]

export const USAGE = [
  'Usage: rumen COMMAND',
  '',
  ...COMMANDS.map(({ usage, does }) => `  ${usage.padEnd(50)}${does}`),
  '',
  'Settings come from the environment or from .env; .env.example explains each.',
].join('\n')

/** The command these words call, and the words behind it. */
export function findCommand(words: readonly string[]): { command: Command; rest: readonly string[] } | null {
  const command = COMMANDS.find((one) => one.words.every((word, at) => words[at] === word))
  return command ? { command, rest: words.slice(command.words.length) } : null
}
