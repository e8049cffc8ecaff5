import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'

const DAYS = 30
const DAYS_MAX = 3650
const DAY_MS = 24 * 60 * 60 * 1000

/** `--adopt DAYS` as the moment until which new keys take over the issues of former ones; 0: they never do (null). */
export function readAdoption(text: string | undefined, now: Date): Date | null {
  const days = text === undefined ? DAYS : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (!(days <= DAYS_MAX)) throw new CommandError(`--adopt is a whole number of days from 0 to ${DAYS_MAX}`)
  return days === 0 ? null : new Date(now.getTime() + days * DAY_MS)
}

/** What a move to a version means for what comes, and for what is there. */
export function sentencesOf(
  projectId: ProjectId,
  { version, adoptsUntil }: { version: number; adoptsUntil: Date | null },
): string {
  const known =
    adoptsUntil === null
      ? 'what is known by another key begins a new issue'
      : `until ${adoptsUntil.toISOString()} what has an issue by the former rules goes on in it`
  return [
    `Events that come from now on are grouped by version ${version}; ${known}.`,
    `What has come already stays where it is until \`rumen ruminate --project ${projectId}\` groups it anew.`,
  ].join(' ')
}
