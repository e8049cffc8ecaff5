import type { CheckedMigration } from '@rumen/db/migration/check-migrations'
import type { SchemaCheck } from '@rumen/db/migration/check-schema'

const MiB = 1024 ** 2

const WORK_IN_WORDS = {
  'at once': 'at once',
  rows: 'writes rows',
  scan: 'reads every row',
  rewrite: 'writes every row anew, or an index',
} as const

/** For people: where the schema is, and what a start of this version would do to it, table by table. */
export function checkInWords({ known, current, isNewer, pending }: SchemaCheck): string {
  const at = current === null ? 'The database has no schema of Rumen yet' : `The schema is at ${current}`
  if (isNewer) return `${at}, and a newer Rumen has added to it since: this version runs on it. Nothing to do.`
  if (pending.length === 0) return `${at}, as this version wants it. Nothing to do.`
  const seconds = pending.reduce((sum, { secondsMax }) => sum + secondsMax, 0)
  return [
    `${at}; this version knows ${known}. To run, in one transaction:`,
    ...pending.flatMap(migrationInWords),
    current === null ? 'Nobody uses any of it yet.' : inAll(seconds),
  ].join('\n')
}

function migrationInWords({ name, creates, tables, unknown, isBreaking }: CheckedMigration): string[] {
  return [
    `  ${name}\t${isBreaking ? 'older versions stop working: stop them first' : 'older versions go on running meanwhile'}`,
    ...(creates.length === 0
      ? []
      : [`    makes\t${creates.length > 8 ? `${creates.length} tables` : creates.join(', ')}`]),
    ...tables.map(
      ({ table, mode, work, bytes }) =>
        `    ${table}\t${mode}\t${WORK_IN_WORDS[work]}\t${(bytes / MiB).toFixed(1)} MiB`,
    ),
    ...unknown.map((statement) => `    not understood, read it: ${statement.split('\n')[0]}`),
  ]
}

function inAll(seconds: number): string {
  const time = seconds < 1 ? 'less than a second' : `up to ${Math.ceil(seconds)} seconds, by the sizes of the tables`
  return `In all ${time}. A lock that is not to be had within a second is given up and tried again, so that nobody waits behind it.`
}
