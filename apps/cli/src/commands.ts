import type { Settings } from '@rumen/config/read-settings'
import { createKeyCommand } from './key-create.ts'
import { limitKeyCommand } from './key-limit.ts'
import { listKeysCommand } from './key-list.ts'
import { revokeKeyCommand } from './key-revoke.ts'
import { rotateKeyCommand } from './key-rotate.ts'
import { migrateDatabase } from './migrate-database.ts'
import { createProjectCommand } from './project-create.ts'
import { limitProjectCommand } from './project-limits.ts'
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
  {
    words: ['project', 'limits'],
    usage: 'project limits ID [--rate N|none] [--per-minute N|none] [--per-hour N|none] [--per-month N|none] [--json]',
    does: 'Sets how many requests a second, and events a period, a project may send; prints what holds.',
    run: limitProjectCommand,
  },
  {
    words: ['key', 'list'],
    usage: 'key list --project ID [--json]',
    does: "Prints a project's keys and their DSNs, revoked ones too.",
    run: listKeysCommand,
  },
  {
    words: ['key', 'create'],
    usage: 'key create --project ID [--key KEY] [--json]',
    does: 'Gives a project one more key, or a revoked one back, and prints its DSN.',
    run: createKeyCommand,
  },
  {
    words: ['key', 'limit'],
    usage: 'key limit KEY --project ID --rate N|none',
    does: 'Sets how many requests a second may come with a key.',
    run: limitKeyCommand,
  },
  {
    words: ['key', 'revoke'],
    usage: 'key revoke KEY --project ID --yes',
    does: 'Refuses what is sent with a key from now on.',
    run: revokeKeyCommand,
  },
  {
    words: ['key', 'rotate'],
    usage: 'key rotate --project ID --yes [--json]',
    does: 'Gives a project a new key, revokes all others, and prints the new DSN.',
    run: rotateKeyCommand,
  },
]

export const USAGE = [
  'Usage: rumen COMMAND',
  '',
  ...COMMANDS.flatMap(({ usage, does }) => [`  ${usage}`, `      ${does}`]),
  '',
  'Settings come from the environment or from .env; .env.example explains each.',
].join('\n')

/** The command these words call, and the words behind it. */
export function findCommand(words: readonly string[]): { command: Command; rest: readonly string[] } | null {
  const command = COMMANDS.find((one) => one.words.every((word, at) => words[at] === word))
  return command ? { command, rest: words.slice(command.words.length) } : null
}
