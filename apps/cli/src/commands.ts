import type { Settings } from '@rumen/config/read-settings'
import { createAnalystCommand } from './analyst/create.ts'
import { dropAnalystCommand } from './analyst/drop.ts'
import { listAnalystsCommand } from './analyst/list.ts'
import { exportArchivesCommand } from './archive/export.ts'
import { importArchivesCommand } from './archive/import.ts'
import { viewArchiveCommand } from './archive/view.ts'
import { getAttachmentCommand } from './attachment/get.ts'
import { listAttachmentsCommand } from './attachment/list.ts'
import { dropDeadCommand } from './dead/drop.ts'
import { listDeadCommand } from './dead/list.ts'
import { retryDeadCommand } from './dead/retry.ts'
import { doctorCommand } from './doctor/doctor.ts'
import { showEventCommand } from './event/show.ts'
import { checkRulesCommand } from './group/check.ts'
import { explainGroupingCommand } from './group/explain.ts'
import { previewGroupingCommand } from './group/preview.ts'
import { setGroupingCommand } from './group/set.ts'
import { showGroupingCommand } from './group/show.ts'
import { undoGroupingCommand } from './group/undo.ts'
import { deleteIssueCommand } from './issue/delete.ts'
import { mergeIssuesCommand } from './issue/merge.ts'
import { muteIssueCommand } from './issue/mute.ts'
import { reopenIssueCommand } from './issue/reopen.ts'
import { resolveIssueCommand } from './issue/resolve.ts'
import { showIssueCommand } from './issue/show.ts'
import { splitIssueCommand } from './issue/split.ts'
import { unmergeIssueCommand } from './issue/unmerge.ts'
import { unmuteIssueCommand } from './issue/unmute.ts'
import { createKeyCommand } from './key/create.ts'
import { limitKeyCommand } from './key/limit.ts'
import { listKeysCommand } from './key/list.ts'
import { revokeKeyCommand } from './key/revoke.ts'
import { rotateKeyCommand } from './key/rotate.ts'
import { migrateDatabase } from './migrate/migrate.ts'
import { erasePersonCommand } from './person/erase-command.ts'
import { exportPersonCommand } from './person/export-command.ts'
import { listReceiptsCommand } from './person/receipts-command.ts'
import { createProjectCommand } from './project/create.ts'
import { deleteProjectCommand } from './project/delete.ts'
import { limitProjectCommand } from './project/limits.ts'
import { listProjectsCommand } from './project/list.ts'
import { prioritiseProjectCommand } from './project/priority.ts'
import { retainProjectCommand } from './project/retention.ts'
import { applyRetentionCommand } from './retention/apply.ts'
import { ruminateCommand } from './ruminate/ruminate-command.ts'
import { healthCommand } from './serve/health.ts'
import { serve } from './serve/serve.ts'
import { statusCommand } from './status/status.ts'
import { whereCommand } from './where/where.ts'

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
    usage: 'migrate [--check [--json]]',
    does: 'Brings the database up to date, as every start does; or says what that would run, lock and take.',
    run: migrateDatabase,
  },
  {
    words: ['health'],
    usage: 'health',
    does: 'Asks the processes on this machine whether they are ready; for the health check of a container.',
    run: healthCommand,
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
    words: ['project', 'priority'],
    usage: 'project priority ID critical|high|normal|low',
    does: 'Says whose events are digested first when many wait.',
    run: prioritiseProjectCommand,
  },
  {
    words: ['project', 'retention'],
    usage: 'project retention ID --days N|none [--json]',
    does: 'Keeps the events of a project for fewer days than those of all others.',
    run: retainProjectCommand,
  },
  {
    words: ['retention', 'apply'],
    usage: 'retention apply --yes [--json]',
    does: 'Drops the days that wait because they are many at once, instead of a day later.',
    run: applyRetentionCommand,
  },
  {
    words: ['project', 'delete'],
    usage: 'project delete ID --yes [--wait] [--json]',
    does: 'Deletes a project with all it has: at once for everybody to see, row by row by the workers; says how far it is.',
    run: deleteProjectCommand,
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
  {
    words: ['group', 'show'],
    usage: 'group show --project ID [--json]',
    does: "Prints how a project's events are grouped, its rules line by line, and how they were before.",
    run: showGroupingCommand,
  },
  {
    words: ['group', 'preview'],
    usage:
      'group preview --project ID [--mechanism M] [--strategy stack|transaction] [--rules FILE|-] [--days N] [--json]',
    does: 'Prints what would merge and split under other rules, from the events of the last 14 days; changes nothing.',
    run: previewGroupingCommand,
  },
  {
    words: ['group', 'set'],
    usage: 'group set --project ID [--mechanism M] [--strategy stack|transaction] [--rules FILE|-] [--adopt DAYS]',
    does: 'Groups what comes from now on in another way; for so many days, 30 unless said, in the issues that are there.',
    run: setGroupingCommand,
  },
  {
    words: ['group', 'undo'],
    usage: 'group undo --project ID [--adopt DAYS]',
    does: 'Groups it as before the last time.',
    run: undoGroupingCommand,
  },
  {
    words: ['ruminate'],
    usage:
      'ruminate --project ID|--all|--issue ISSUE [--since DAY] [--until DAY] [--restart] [--dry-run] [--json] --yes',
    does: 'Groups what has come already as what comes is grouped now: issues split and merge, and can be undone.',
    run: ruminateCommand,
  },
  {
    words: ['group', 'check'],
    usage: 'group check FILE',
    does: 'Prints every fault of the rules in a file. Needs no database.',
    run: checkRulesCommand,
  },
  {
    words: ['group', 'explain'],
    usage: 'group explain ARCHIVE_HASH|FILE [--project ID] [--day DAY] [--json]',
    does: 'Says why events group as they do: those of an archive, or of a file as an SDK sends it.',
    run: explainGroupingCommand,
  },
  {
    words: ['issue', 'show'],
    usage: 'issue show ISSUE [--json]',
    does: 'Prints what is known of an issue, which is named like shop-12.',
    run: showIssueCommand,
  },
  {
    words: ['issue', 'resolve'],
    usage: 'issue resolve ISSUE [--in RELEASE]',
    does: 'Resolves an issue, until it happens again: in that release or a later one, where one is given.',
    run: resolveIssueCommand,
  },
  {
    words: ['issue', 'mute'],
    usage: 'issue mute ISSUE [--until TIME|--for DURATION] [--events N]',
    does: 'Mutes an issue until then, for 7d or the like, for N more events, whichever comes first; else for good.',
    run: muteIssueCommand,
  },
  {
    words: ['issue', 'unmute'],
    usage: 'issue unmute ISSUE',
    does: 'Makes a muted issue unresolved again.',
    run: unmuteIssueCommand,
  },
  {
    words: ['issue', 'reopen'],
    usage: 'issue reopen ISSUE',
    does: 'Makes a resolved issue unresolved again.',
    run: reopenIssueCommand,
  },
  {
    words: ['issue', 'merge'],
    usage: 'issue merge ISSUE… --into ISSUE',
    does: 'Makes one issue of several: all they have and will get counts for that one.',
    run: mergeIssuesCommand,
  },
  {
    words: ['issue', 'unmerge'],
    usage: 'issue unmerge ISSUE',
    does: 'Undoes it, whatever came since: a merged issue is by itself again.',
    run: unmergeIssueCommand,
  },
  {
    words: ['issue', 'split'],
    usage: 'issue split ISSUE GROUPING…',
    does: 'Makes an issue of its own of some groupings of another: `issue show` lists them.',
    run: splitIssueCommand,
  },
  {
    words: ['issue', 'delete'],
    usage: 'issue delete ISSUE --yes',
    does: 'Deletes an issue with its reports and counts. The next event of its kind makes a new one.',
    run: deleteIssueCommand,
  },
  {
    words: ['dead', 'list'],
    usage: 'dead list [--project ID] [--json]',
    does: 'Prints what could not be digested, time and again, for reasons that should have passed.',
    run: listDeadCommand,
  },
  {
    words: ['dead', 'retry'],
    usage: 'dead retry ID…|--all [--project ID]',
    does: 'Has it digested after all.',
    run: retryDeadCommand,
  },
  {
    words: ['dead', 'drop'],
    usage: 'dead drop ID…|--all [--project ID] --yes',
    does: 'Gives it up for good: a line in the list of errors is left, and what was received.',
    run: dropDeadCommand,
  },
  {
    words: ['event', 'show'],
    usage: 'event show EVENT_ID [--json]',
    does: 'Prints all there is to read of an event, made anew from its archive.',
    run: showEventCommand,
  },
  {
    words: ['attachment', 'list'],
    usage: 'attachment list EVENT_ID [--json]',
    does: 'Prints the files that came with an event.',
    run: listAttachmentsCommand,
  },
  {
    words: ['attachment', 'get'],
    usage: 'attachment get EVENT_ID NAME [-o FILE]',
    does: 'Prints one of them, or writes it to a file.',
    run: getAttachmentCommand,
  },
  {
    words: ['analyst', 'create'],
    usage: 'analyst create NAME --project ID… --password-stdin|--print-password [--json]',
    does: 'Makes a login that reads the views of schema project_analytics, which show it these projects only.',
    run: createAnalystCommand,
  },
  {
    words: ['analyst', 'list'],
    usage: 'analyst list [--json]',
    does: 'Prints these logins, and which projects each is shown.',
    run: listAnalystsCommand,
  },
  {
    words: ['analyst', 'drop'],
    usage: 'analyst drop NAME --yes',
    does: 'Takes such a login away.',
    run: dropAnalystCommand,
  },
  {
    words: ['doctor'],
    usage: 'doctor [--json]',
    does: 'Looks at everything Rumen stands on: machine, settings, database, disk, rights; says what to do.',
    run: doctorCommand,
  },
  {
    words: ['status'],
    usage: 'status [--json]',
    does: 'Says how Rumen is: what is wrong and what to do, its processes, queue, disk. Exit code 1 where it needs you.',
    run: statusCommand,
  },
  {
    words: ['archive', 'export'],
    usage: 'archive export [-o FILE] [--resume] [--project ID] [--since DAY] [--until DAY] [--json]',
    does: 'Writes what was received as JSON lines, compressed where FILE ends in .zst or .gz.',
    run: exportArchivesCommand,
  },
  {
    words: ['archive', 'import'],
    usage: 'archive import [-i FILE] [--project ID|--map OLD=NEW…] [--json]',
    does: "Takes such a file, or crash-cache's, and has what is new digested. Says which lines are damaged.",
    run: importArchivesCommand,
  },
  {
    words: ['archive', 'view'],
    usage: 'archive view HASH [--project ID] [--day DAY] [--raw] [--json]',
    does: 'Prints an archive as it came: its request, and its items.',
    run: viewArchiveCommand,
  },
  {
    words: ['person', 'export'],
    usage: 'person export USER --project ID|--all [--by id|email|username|ip] [-o FILE] [--json]',
    does: 'Prints everything kept about a person, a line of JSON each: reports, sessions, feedback, files, what was received.',
    run: exportPersonCommand,
  },
  {
    words: ['person', 'erase'],
    usage: 'person erase USER --project ID|--all [--by id|email|username|ip] --yes [--json]',
    does: 'Erases it for good, what was received too, and prints a receipt. Killed, it goes on when called again.',
    run: erasePersonCommand,
  },
  {
    words: ['person', 'receipts'],
    usage: 'person receipts [--project ID] [--json]',
    does: 'Prints the receipts of what was erased: when, and how much of what; never of whom.',
    run: listReceiptsCommand,
  },
  {
    words: ['where'],
    usage: 'where EVENT_ID [--project ID] [--json]',
    does: 'Says what became of an event: stored, waiting, a duplicate, rejected and why, or never seen.',
    run: whereCommand,
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
