import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { type IssuesMerged, mergeIssues } from '@rumen/db/issue/merge-issues'
import { CommandError } from '../command-error.ts'
import { readAllWords } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'
import { addressOf, type IssueName, mergedInWords, readIssueName, wordsOf } from './named.ts'

/** `rumen issue merge ISSUE… --into ISSUE` */
export async function mergeIssuesCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { words, options } = readAllWords(rest, { into: { type: 'string' } })
  if (words.length === 0) throw new CommandError('ISSUE is missing')
  if (options.into === undefined) throw new CommandError('--into ISSUE is missing: the one that stays')
  const names = words.map(readIssueName)
  const survivor = readIssueName(options.into)
  for (const name of names) {
    if (name.slug === survivor.slug) continue
    throw new CommandError(`${wordsOf(name)} and ${wordsOf(survivor)} are of different projects`)
  }
  await withDatabase(settings, (db) => merge(db, names, survivor))
  console.log(`${names.map(wordsOf).join(', ')} ${names.length === 1 ? 'is' : 'are'} merged into ${wordsOf(survivor)}.`)
}

async function merge(db: Db, names: readonly IssueName[], survivor: IssueName): Promise<void> {
  const into = await addressOf(db, survivor)
  const nameOf = new Map([[into.issueId, survivor]])
  const issueIds: number[] = []
  for (const name of names) {
    const { issueId } = await addressOf(db, name)
    issueIds.push(issueId)
    nameOf.set(issueId, name)
  }
  const merged = await mergeIssues(db, { ...into, issueIds, into: into.issueId, now: new Date() })
  if (merged.outcome !== 'merged') throw new CommandError(refusalOf(merged, nameOf.get(merged.issueId) ?? survivor))
}

/** Why an issue of this name can neither be merged nor split. */
export function refusalOf(refused: Exclude<IssuesMerged, { outcome: 'merged' }>, name: IssueName): string {
  switch (refused.outcome) {
    case 'unknown_issue':
      return `there is no issue ${wordsOf(name)}`
    case 'deleting':
      return `${wordsOf(name)} is being deleted`
    case 'itself':
      return `${wordsOf(name)} cannot be merged into itself`
    case 'already_merged':
      return mergedInWords(name, refused.into)
  }
}
